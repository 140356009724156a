"""Web pages and images that the server shows itself: the images that stand in for unknown avatars and covers."""
