SELECT true FROM conversations WHERE id = @id
