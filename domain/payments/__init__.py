"""Money: taking it for orders, giving it back, and comparing our books with the providers'."""
