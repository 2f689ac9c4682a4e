package pgserver

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// account is the unprivileged system user the server runs as when we are root.
type account struct{ uid, gid uint32 }

// chooseAccount returns nil when we are not root: the server then runs as we do.
func chooseAccount() (*account, error) {
	if os.Geteuid() != 0 {
		return nil, nil //nolint:nilnil // no account and no error is the answer for an ordinary user
	}
	for _, name := range []string{"postgres", "nobody"} {
		found, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, uidErr := strconv.ParseUint(found.Uid, 10, 32)
		gid, gidErr := strconv.ParseUint(found.Gid, 10, 32)
		if err := errors.Join(uidErr, gidErr); err != nil {
			return nil, fmt.Errorf("reading the ids of user %s: %w", name, err)
		}
		return &account{uid: uint32(uid), gid: uint32(gid)}, nil
	}
	return nil, errors.New("PostgreSQL refuses to run as root and there is neither a user postgres nor a user nobody")
}

// own gives a path to the account.
func (a *account) own(path string) error {
	if a == nil {
		return nil
	}
	if err := os.Chown(path, int(a.uid), int(a.gid)); err != nil {
		return fmt.Errorf("giving %s to the user PostgreSQL runs as: %w", path, err)
	}
	return nil
}

// ownAll gives a tree to the account, unless its root is the account's already.
func (a *account) ownAll(root string) error {
	if a == nil || a.owns(root) {
		return nil
	}
	return filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
		return errors.Join(err, a.own(path))
	})
}

func (a *account) owns(path string) bool {
	info, err := os.Stat(path)
	if err != nil {
		return false
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && stat.Uid == a.uid
}

// reaches tells whether the account may walk down to the directory.
func (a *account) reaches(directory string) bool {
	if a == nil {
		return true
	}
	for parent := filepath.Dir(directory); ; parent = filepath.Dir(parent) {
		info, err := os.Stat(parent)
		if err != nil {
			return false
		}
		stat, ok := info.Sys().(*syscall.Stat_t)
		bits := info.Mode().Perm()
		may := bits&0o001 != 0 || ok && (stat.Gid == a.gid && bits&0o010 != 0 || stat.Uid == a.uid && bits&0o100 != 0)
		if !may {
			return false
		}
		if parent == filepath.Dir(parent) {
			return true
		}
	}
}
