INSERT INTO conversations.workspaces (id, name, slug) SELECT id, 'Bench ' || n, slug FROM homes
