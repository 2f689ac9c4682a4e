package schedule

import (
	"time"

	"github.com/galaxyco-ai/conversations/pkg/workspace"
)

// tenant is a workspace with something waiting.
type tenant struct {
	id      workspace.ID
	lanes   map[string]*lane
	ready   []*lane
	waiting int
	bytes   int
	running int
}

type state int

const (
	ready   state = iota // waits for a worker
	inStep               // a worker is at its head
	resting              // waits for a timer or a wake
)

// lane is a conversation: the head of tasks is the one under way.
type lane struct {
	tenant *tenant
	name   string
	tasks  []Task
	state  state
	woken  bool // wake was called during the step
	timer  *time.Timer
}

// insert keeps the tasks in order of sequence. The head stays where it is once its lane exists: it may be under way.
func (l *lane) insert(task Task) {
	at := len(l.tasks)
	for at > 1 && l.tasks[at-1].Sequence() > task.Sequence() {
		at--
	}
	l.tasks = append(l.tasks, nil)
	copy(l.tasks[at+1:], l.tasks[at:])
	l.tasks[at] = task
}

func (l *lane) giveBack() {
	if l.timer != nil {
		l.timer.Stop()
	}
	for _, task := range l.tasks {
		task.GiveBack()
	}
}
