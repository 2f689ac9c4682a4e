DELETE FROM workspace_communication_settings WHERE channel = $1
