"""The mathematics: layers, activations, losses, all over one vector theta."""
