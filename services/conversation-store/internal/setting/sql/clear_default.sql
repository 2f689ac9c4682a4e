UPDATE channel_accounts SET is_default = false, updated_at = now() WHERE id = $1
