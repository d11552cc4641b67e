"""Acts: what changes containers, images and volumes."""
