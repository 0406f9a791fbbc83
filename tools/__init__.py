"""The tools that keep the book honest; `make help` lists what runs them."""
