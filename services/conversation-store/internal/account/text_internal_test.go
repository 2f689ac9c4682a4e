package account

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/bus"
)

func TestSlugOf(t *testing.T) {
	t.Parallel()
	for name, slug := range map[string]string{
		"Blue Door Bakery":             "blue-door-bakery",
		"  Crème & Brûlée — Zürich!  ": "creme-brulee-zurich",
		"24/7":                         "24-7",
		"東京":                           "workspace",
		"--":                           "workspace",
		strings.Repeat("ab ", 40):      "ab-ab-ab-ab-ab-ab-ab-ab-ab-ab",
		"A.B@c+d":                      "a-b-c-d",
	} {
		require.Equal(t, slug, slugOf(name), name)
	}
}

func TestDistinctSlugFitsAndDiffers(t *testing.T) {
	t.Parallel()
	long := slugOf(strings.Repeat("x", 90))
	seen := map[string]bool{}
	for range 200 {
		slug := distinctSlug(long)
		require.LessOrEqual(t, len(slug), maxSlug)
		require.Regexp(t, `^x+-[a-z2-7]{6}$`, slug)
		seen[slug] = true
	}
	require.Len(t, seen, 200)
}

func TestValidation(t *testing.T) {
	t.Parallel()
	refused := func(err error) string {
		var refusal *bus.AskError
		require.ErrorAs(t, err, &refusal)
		require.Equal(t, bus.CodeInvalid, refusal.Code)
		return refusal.Field
	}

	for _, name := range []string{"", "   ", strings.Repeat("n", 101), "a\x00b", "a\nb"} {
		_, err := cleanName("workspaceName", name)
		require.Equal(t, "workspaceName", refused(err), "%q", name)
	}
	name, err := cleanName("name", " "+strings.Repeat("é", 100)+" ")
	require.NoError(t, err)
	require.Equal(t, strings.Repeat("é", 100), name)

	for _, email := range []string{"", "nobody", "a@", "@b", "A <a@example.com>", "a@example.com, b@example.com", "a@b\x00c", "<a@example.com>"} {
		_, err := cleanEmail(email)
		require.Equal(t, "email", refused(err), "%q", email)
	}
	email, err := cleanEmail(" Ann@Example.COM ")
	require.NoError(t, err)
	require.Equal(t, "ann@example.com", email)

	for _, password := range []string{"", "123456789", strings.Repeat("p", 201), "Ann.Long@example.com"} {
		require.Equal(t, "password", refused(checkPassword(password, "ann.long@example.com")), "%q", password)
	}
	require.NoError(t, checkPassword("ten signs!", "ann@example.com"))
	require.NoError(t, checkPassword(strings.Repeat("p", 200), "ann@example.com"))
}
