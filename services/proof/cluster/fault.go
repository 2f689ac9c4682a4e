package cluster

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

func (c *Cluster) faultFolder() string { return filepath.Join(c.cfg.Directory, "faults") }

// Arm has the next process that comes to a fault point do what action says: kill, error or pause with a duration. It
// needs programs built with the tag faultpoint.
func (c *Cluster) Arm(point, action string) error {
	path := filepath.Join(c.faultFolder(), point)
	if err := os.WriteFile(path+".new", []byte(action), 0o600); err != nil {
		return fmt.Errorf("arming %s: %w", point, err)
	}
	if err := os.Rename(path+".new", path); err != nil { // it appears whole
		return fmt.Errorf("arming %s: %w", point, err)
	}
	return nil
}

// Disarm takes a fault point back and tells whether no process had come to it.
func (c *Cluster) Disarm(point string) (bool, error) {
	err := os.Remove(filepath.Join(c.faultFolder(), point))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("disarming %s: %w", point, err)
	}
	return true, nil
}
