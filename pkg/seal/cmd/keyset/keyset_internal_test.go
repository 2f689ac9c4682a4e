package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/seal"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
)

func said(t *testing.T, arguments ...string) string {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, run(arguments, &out))
	return out.String()
}

func TestKeysAreMadeRotatedAndRetired(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "keys.json")
	public := said(t, "generate", file)
	require.Equal(t, public, said(t, "generate", file), "keys that are there stay")
	require.Equal(t, public, said(t, "public", file))

	place := seal.Place{Workspace: workspace.NewID(), Credential: "c1", Field: "token"}
	sealer, err := seal.NewSealer([]byte(public))
	require.NoError(t, err)
	before, err := sealer.Seal("a secret", place)
	require.NoError(t, err)
	id, ok := seal.KeyID(before)
	require.True(t, ok)
	old := strconv.FormatUint(uint64(id), 10)
	require.Equal(t, "* "+old+"\n", said(t, "list", file))

	rotated := said(t, "rotate", file)
	require.Contains(t, rotated, "  "+old+"\n* ")
	require.Equal(t, rotated, said(t, "list", file))
	about, err := os.Stat(file)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), about.Mode().Perm())
	opener, err := seal.Source{File: file}.Load()
	require.NoError(t, err)
	opened, err := opener.Open(before, place)
	require.NoError(t, err)
	require.Equal(t, "a secret", opened)
	require.True(t, opener.Outdated(before))

	require.NotContains(t, said(t, "retire", file, old), old)
	opener, err = seal.Source{File: file}.Load()
	require.NoError(t, err)
	_, err = opener.Open(before, place)
	require.ErrorIs(t, err, seal.ErrSealed)
}

func TestARefusalLeavesTheFileAsItWas(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	file, other := filepath.Join(folder, "keys.json"), filepath.Join(folder, "other.json")
	said(t, "generate", file)
	require.NoError(t, os.WriteFile(other, []byte("{}"), 0o600))
	held, err := os.ReadFile(file)
	require.NoError(t, err)
	primary := said(t, "list", file)[2:]
	for _, wrong := range [][]string{
		{"retire", file, primary[:len(primary)-1]},
		{"retire", file, "1"},
		{"retire", file, "x"},
		{"retire", file},
		{"rotate"},
		{"forget", file},
		{"list", other},
		{"rotate", other},
		{"public", filepath.Join(folder, "none.json")},
	} {
		var out bytes.Buffer
		require.Error(t, run(wrong, &out), wrong)
		require.Empty(t, out.String(), wrong)
	}
	again, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, held, again)
	require.Contains(t, said(t), "keyset rotate FILE")
}
