package pgserver

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
)

// place is how the server reaches the directory. Under root the directory may lie where the server's user cannot walk
// to, in root's home for example: then it gets the directory as an open file, and the kernel's name for that.
type place struct {
	path string
	file *os.File
}

func (s *Server) place() (place, error) {
	if s.account.reaches(s.cfg.Directory) {
		return place{path: s.cfg.Directory}, nil
	}
	if runtime.GOOS != "linux" {
		return place{}, fmt.Errorf("the user PostgreSQL runs as cannot reach %s: choose a directory whose parents "+
			"everybody may pass through", s.cfg.Directory)
	}
	file, err := os.Open(s.cfg.Directory)
	if err != nil {
		return place{}, fmt.Errorf("opening the database directory: %w", err)
	}
	return place{path: "/proc/self/fd/3", file: file}, nil // 3 is the first of a command's extra files
}

func (p place) close() {
	if p.file != nil {
		_ = p.file.Close()
	}
}

// prepare sets user, surroundings and the open directory of a command of ours. The command is told when the thread
// that starts it ends, so whoever starts it stays on that thread.
func (s *Server) prepare(command *exec.Cmd, where place) {
	command.Dir = "/"
	command.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "TZ=UTC"}
	if where.file != nil {
		command.ExtraFiles = []*os.File{where.file}
	}
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // a Ctrl-C is for us, not for the server
	dieWithUs(command.SysProcAttr)
	if s.account != nil {
		command.SysProcAttr.Credential = &syscall.Credential{Uid: s.account.uid, Gid: s.account.gid}
	}
}
