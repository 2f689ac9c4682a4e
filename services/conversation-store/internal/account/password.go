package account

import (
	"context"
	"fmt"
	"runtime"

	"github.com/alexedwards/argon2id"
	"golang.org/x/sync/semaphore"
	"golang.org/x/text/unicode/norm"

	"github.com/galaxyco-ai/conversations/pkg/bus"
)

// defaultWaiting is half of the questions the bus lets one service answer at once.
const defaultWaiting = 32

// Cost is what one password hash costs us, and whoever guesses.
type Cost struct {
	// MemoryKiB is the memory of one hash; 0 means 19 MiB.
	MemoryKiB uint32
	// Iterations is the number of passes over the memory; 0 means 2.
	Iterations uint32
	// Concurrent bounds the hashes under way at once, and with it memory and processor; 0 means one per processor.
	Concurrent int64
	// Waiting bounds the hashes that wait for one under way; 0 means 32. It is less than the questions answered at once,
	// so that a flood of log-ins leaves room for other questions.
	Waiting int64
}

// passwords hashes and checks passwords with argon2id. It is safe for concurrent use.
type passwords struct {
	params argon2id.Params
	slots  *semaphore.Weighted
	// places are for those under way and those that wait.
	places *semaphore.Weighted
	// decoy is a hash no password is known for. It is checked when there is no user, so that an unknown e-mail
	// address costs the same time as a wrong password.
	decoy string
}

func newPasswords(cost Cost) (*passwords, error) {
	params := argon2id.Params{ // the second choice of the OWASP password storage cheat sheet
		Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32,
	}
	if cost.MemoryKiB > 0 {
		params.Memory = cost.MemoryKiB
	}
	if cost.Iterations > 0 {
		params.Iterations = cost.Iterations
	}
	concurrent := cost.Concurrent
	if concurrent <= 0 {
		concurrent = int64(runtime.GOMAXPROCS(0))
	}
	waiting := cost.Waiting
	if waiting <= 0 {
		waiting = defaultWaiting
	}
	secret, err := newToken()
	if err != nil {
		return nil, err
	}
	decoy, err := argon2id.CreateHash(secret, &params)
	if err != nil {
		return nil, fmt.Errorf("hashing the decoy: %w", err)
	}
	return &passwords{
		params: params, slots: semaphore.NewWeighted(concurrent), places: semaphore.NewWeighted(concurrent + waiting), decoy: decoy,
	}, nil
}

// enter waits for a free slot until ctx ends. It refuses at once when too many wait already.
func (p *passwords) enter(ctx context.Context) (leave func(), err error) {
	if !p.places.TryAcquire(1) {
		return nil, fmt.Errorf("%w: too many passwords wait", bus.ErrUnavailable)
	}
	if err := p.slots.Acquire(ctx, 1); err != nil {
		p.places.Release(1)
		return nil, fmt.Errorf("waiting for a password: %w", err)
	}
	return func() {
		p.slots.Release(1)
		p.places.Release(1)
	}, nil
}

// hash makes the text that is kept. It waits for a free slot until ctx ends.
func (p *passwords) hash(ctx context.Context, password string) (string, error) {
	leave, err := p.enter(ctx)
	if err != nil {
		return "", err
	}
	defer leave()
	hash, err := argon2id.CreateHash(normalizePassword(password), &p.params)
	if err != nil {
		return "", fmt.Errorf("hashing a password: %w", err)
	}
	return hash, nil
}

// matches tells whether the password belongs to the hash. The empty hash is nobody's: it takes as long and is false.
func (p *passwords) matches(ctx context.Context, password, hash string) (bool, error) {
	known := hash != ""
	if !known {
		hash = p.decoy
	}
	leave, err := p.enter(ctx)
	if err != nil {
		return false, err
	}
	defer leave()
	match, err := argon2id.ComparePasswordAndHash(normalizePassword(password), hash)
	if err != nil {
		return false, fmt.Errorf("checking a password: %w", err)
	}
	return match && known, nil
}

// normalizePassword makes the same typed characters the same bytes on every keyboard (NIST SP 800-63B, 5.1.1.2).
func normalizePassword(password string) string { return norm.NFKC.String(password) }
