# SPDX-License-Identifier: Apache-2.0
"""Train the digit classifier that the demo casts, and export it.

    pip install torch scikit-learn onnx && python train.py

A small convolutional network with batch normalisation, on the 8x8 digits that scikit-learn ships.
It writes, beside itself: `digits.onnx` with the BatchNormalization nodes still in it and a free
batch size, `test.npz` with the part of the data that training never saw, and `accuracy.json` with
the framework's own figure on that part. One run takes under a minute on one core.
"""

import json
from pathlib import Path

import numpy as np
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn

HERE = Path(__file__).parent
SEED = 0
EPOCHS = 40


def block(inputs: int, outputs: int, stride: int = 1) -> nn.Sequential:
    """Convolution, batch normalisation, activation."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(),
    )


class Residual(nn.Module):
    """Two blocks and a way around them."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.body = nn.Sequential(block(width, width), block(width, width))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Shape (batch, width, h, w) in and out."""
        return x + self.body(x)


def network() -> nn.Sequential:
    """From (batch, 1, 8, 8) pixels to (batch, 10) logits."""
    return nn.Sequential(
        block(1, 24),
        Residual(24),
        block(24, 48, stride=2),
        Residual(48),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Dropout(0.2),
        nn.Linear(48, 10),
    )


def data() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Training images, test images, training labels, test labels; pixels from 0 to 1."""
    digits = load_digits()
    images = (digits.images / 16).astype(np.float32)[:, None]
    parts = train_test_split(
        images, digits.target, test_size=0.3, random_state=SEED, stratify=digits.target
    )
    return tuple(torch.from_numpy(part) for part in parts)


def shifted(images: torch.Tensor) -> torch.Tensor:
    """Each image moved by up to one pixel."""
    down, right = (int(step) for step in torch.randint(-1, 2, (2,)))
    padded = nn.functional.pad(images, (1, 1, 1, 1))
    return padded[:, :, 1 + down : 9 + down, 1 + right : 9 + right]


def train(model: nn.Module, images: torch.Tensor, labels: torch.Tensor) -> None:
    """Fit the model in place."""
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=1e-2)
    steps = EPOCHS * -(-len(images) // 64)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 1e-2, total_steps=steps)
    for _ in range(EPOCHS):
        for chosen in torch.randperm(len(images)).split(64):
            loss = nn.functional.cross_entropy(model(shifted(images[chosen])), labels[chosen])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()


def export(model: nn.Module, images: torch.Tensor) -> None:
    """Write the model; PRESERVE keeps the normalisation as nodes of its own."""
    torch.onnx.export(
        model,
        (images[:2],),
        HERE / "digits.onnx",
        dynamo=False,
        opset_version=17,
        training=torch.onnx.TrainingMode.PRESERVE,
        do_constant_folding=False,
        input_names=["image"],
        output_names=["logits"],
        dynamic_axes={"image": {0: "batch"}, "logits": {0: "batch"}},
    )


def main() -> None:
    """Train, measure, write."""
    torch.manual_seed(SEED)
    train_images, test_images, train_labels, test_labels = data()
    model = network()
    train(model, train_images, train_labels)
    model.eval()
    with torch.no_grad():
        right = int((model(test_images).argmax(1) == test_labels).sum())
    export(model, test_images)
    np.savez_compressed(
        HERE / "test.npz", image=test_images.numpy(), label=test_labels.numpy().astype(np.int8)
    )
    figure = {"framework": f"torch {torch.__version__}", "right": right, "of": len(test_labels)}
    (HERE / "accuracy.json").write_text(json.dumps(figure) + "\n", encoding="utf-8")
    print(f"{right} of {len(test_labels)} right: {right / len(test_labels):.2%}")


if __name__ == "__main__":
    main()
