package bus

import (
	"context"
	"fmt"
	"iter"
	"log/slog"
	"maps"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"google.golang.org/protobuf/proto"
)

// mirrorCheck is how often a mirror makes sure that its watch has missed nothing.
const mirrorCheck = 30 * time.Second

// Mirror is a local copy of a bucket that follows it: reading it needs no server. It is safe for concurrent use.
// Its values are shared and must not be changed.
type Mirror[T proto.Message] struct {
	bucket   *Bucket
	newT     func() T
	onChange []func(key string, value T, deleted bool)
	stop     context.CancelFunc
	done     chan struct{}

	mu       sync.RWMutex
	values   map[string]T
	revision uint64
	loadedAt uint64 // how often the connection had been made anew when the load began
	loaded   bool   // since then everything was read, and the watch has not ended
}

// NewMirror loads the bucket and follows it until Stop. It returns when the copy is complete. onChange is called for
// each change, those of the first load included, one after the other.
func NewMirror[T proto.Message](
	ctx context.Context, bucket *Bucket, newT func() T, onChange ...func(key string, value T, deleted bool),
) (*Mirror[T], error) {
	following, stop := context.WithCancel(context.WithoutCancel(ctx))
	m := &Mirror[T]{
		bucket: bucket, newT: newT, onChange: onChange, stop: stop, done: make(chan struct{}), values: map[string]T{},
	}
	watcher, err := m.load(ctx, following)
	if err != nil {
		stop()
		return nil, err
	}
	go m.follow(following, watcher)
	return m, nil
}

// Get reads a key from the copy.
func (m *Mirror[T]) Get(key string) (T, bool) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	value, ok := m.values[key]
	return value, ok
}

// All lists the copy as it is at this moment, in no order.
func (m *Mirror[T]) All() iter.Seq2[string, T] {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return maps.All(maps.Clone(m.values))
}

// Fresh tells that the copy follows the bucket at this moment: it was loaded since the connection was last made, and
// nothing has interrupted it. What is not in a copy that is not fresh may be in the bucket.
func (m *Mirror[T]) Fresh() bool {
	m.mu.RLock()
	loaded, loadedAt := m.loaded, m.loadedAt
	m.mu.RUnlock()
	return loaded && m.bucket.bus.conn.IsConnected() && m.connections() == loadedAt
}

func (m *Mirror[T]) connections() uint64 { return m.bucket.bus.conn.Stats().Reconnects }

// Stop ends following. A second call does nothing.
func (m *Mirror[T]) Stop() {
	m.stop()
	<-m.done
}

// load starts a watch and takes everything there is; what it does not find is gone from the copy too.
func (m *Mirror[T]) load(ctx, following context.Context) (jetstream.KeyWatcher, error) {
	connections := m.connections()
	watcher, err := m.bucket.kv.WatchAll(following)
	if err != nil {
		return nil, fmt.Errorf("%w: watching bucket %s: %w", ErrUnavailable, m.bucket.name, err)
	}
	seen := map[string]bool{}
	for {
		select {
		case <-ctx.Done():
			_ = watcher.Stop()
			return nil, fmt.Errorf("loading bucket %s: %w", m.bucket.name, ctx.Err())
		case entry, open := <-watcher.Updates():
			if !open {
				return nil, fmt.Errorf("%w: watching bucket %s ended", ErrUnavailable, m.bucket.name)
			}
			if entry == nil {
				m.forgetUnseen(seen)
				m.setLoaded(true, connections)
				return watcher, nil
			}
			seen[entry.Key()] = true
			m.apply(entry)
		}
	}
}

// follow applies changes, and loads anew whenever the watch may have missed one.
func (m *Mirror[T]) follow(ctx context.Context, watcher jetstream.KeyWatcher) {
	defer close(m.done)
	reconnected := m.bucket.bus.conn.StatusChanged(nats.CONNECTED, nats.CLOSED)
	defer m.bucket.bus.conn.RemoveStatusListener(reconnected)
	check := time.NewTicker(mirrorCheck)
	defer check.Stop()
	for {
		select {
		case <-ctx.Done():
			_ = watcher.Stop()
			return
		case entry, open := <-watcher.Updates():
			if open {
				m.applyNonNil(entry)
				continue
			}
		case <-reconnected:
		case <-check.C:
			if !m.behind(ctx) {
				continue
			}
		}
		_ = watcher.Stop()
		m.setLoaded(false, 0)
		if watcher = m.reload(ctx); watcher == nil {
			return
		}
	}
}

// reload starts over until it succeeds; nil when ctx is done.
func (m *Mirror[T]) reload(ctx context.Context) jetstream.KeyWatcher {
	for failures := uint64(1); ctx.Err() == nil; failures++ {
		limited, cancel := context.WithTimeout(ctx, apiTimeout)
		watcher, err := m.load(limited, ctx)
		cancel()
		if err == nil {
			return watcher
		}
		m.bucket.bus.logger.WarnContext(ctx, "mirror interrupted", slog.String("bucket", m.bucket.name), errorAttr(err))
		pause(ctx, growingDelay(failures))
	}
	return nil
}

// behind tells that the bucket has been at a later revision than the copy for long enough to mean a dead watch.
func (m *Mirror[T]) behind(ctx context.Context) bool {
	before := m.reached()
	_, last, err := m.bucket.bus.Bounds(ctx, "KV_"+m.bucket.name)
	return err == nil && last != before && m.reached() == before
}

func (m *Mirror[T]) setLoaded(loaded bool, connections uint64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.loaded, m.loadedAt = loaded, connections
}

func (m *Mirror[T]) reached() uint64 {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.revision
}

func (m *Mirror[T]) applyNonNil(entry jetstream.KeyValueEntry) {
	if entry != nil {
		m.apply(entry)
	}
}

func (m *Mirror[T]) apply(entry jetstream.KeyValueEntry) {
	if entry.Operation() != jetstream.KeyValuePut {
		m.remove(entry.Key(), entry.Revision())
		return
	}
	value := m.newT()
	if err := proto.Unmarshal(entry.Value(), value); err != nil {
		m.bucket.bus.logger.Error("unreadable value in bucket", slog.String("bucket", m.bucket.name),
			slog.String("key", entry.Key()), errorAttr(err))
		m.remove(entry.Key(), entry.Revision())
		return
	}
	m.mu.Lock()
	m.values[entry.Key()] = value
	m.revision = entry.Revision()
	m.mu.Unlock()
	m.tell(entry.Key(), value, false)
}

func (m *Mirror[T]) remove(key string, revision uint64) {
	m.mu.Lock()
	old, had := m.values[key]
	delete(m.values, key)
	m.revision = max(m.revision, revision)
	m.mu.Unlock()
	if had {
		m.tell(key, old, true)
	}
}

func (m *Mirror[T]) forgetUnseen(seen map[string]bool) {
	for key := range m.All() {
		if !seen[key] {
			m.remove(key, 0)
		}
	}
}

func (m *Mirror[T]) tell(key string, value T, deleted bool) {
	for _, hear := range m.onChange {
		hear(key, value, deleted)
	}
}
