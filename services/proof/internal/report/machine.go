package report

import (
	"os"
	"runtime"
	"strconv"
	"strings"
)

// Machine is where figures were taken.
type Machine struct {
	System    string `json:"system"`
	Processor string `json:"processor,omitempty"`
	Cores     int    `json:"cores"`
	// MemoryMiB is 0 where the system does not say.
	MemoryMiB int64  `json:"memoryMiB,omitempty"`
	Go        string `json:"go"`
}

// ThisMachine describes the machine the program runs on, as far as the system tells.
func ThisMachine() Machine {
	kibibytes, _ := strconv.ParseInt(strings.TrimSuffix(fieldOf("/proc/meminfo", "MemTotal"), " kB"), 10, 64)
	return Machine{
		System: runtime.GOOS + "/" + runtime.GOARCH, Processor: fieldOf("/proc/cpuinfo", "model name"),
		Cores: runtime.NumCPU(), MemoryMiB: kibibytes >> 10, Go: runtime.Version(),
	}
}

// fieldOf is the first value of a name in one of the system's files of names and values; empty when there is none.
func fieldOf(path, name string) string {
	text, err := os.ReadFile(path) //nolint:gosec // one of the two paths above
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(text)) {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}
