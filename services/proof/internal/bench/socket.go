package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"

	"github.com/coder/websocket"
)

// maxFrame bounds one frame.
const maxFrame = 1 << 20

// listeners are open sockets; each frame is given to take, in a buffer that is used again.
type listeners struct {
	cancel  context.CancelFunc
	reading sync.WaitGroup
}

// listen opens a socket for each key, and returns when the first frame is there where there is one, hello, or when it is
// open.
func listen(ctx context.Context, address string, keys []string, hello bool, take func(frame []byte)) (*listeners, error) {
	running, cancel := context.WithCancel(ctx)
	l := &listeners{cancel: cancel}
	for _, key := range keys {
		conn, response, err := websocket.Dial(ctx, address, &websocket.DialOptions{
			HTTPHeader: http.Header{"Authorization": {"Bearer " + key}},
		})
		if response != nil && response.Body != nil {
			_ = response.Body.Close() // the connection is the socket's now
		}
		if err != nil {
			l.close()
			return nil, fmt.Errorf("opening a socket: %w", err)
		}
		conn.SetReadLimit(maxFrame)
		if hello {
			if _, _, err := conn.Read(ctx); err != nil {
				l.close()
				return nil, fmt.Errorf("reading the first frame: %w", err)
			}
		}
		l.reading.Go(func() { read(running, conn, take) })
	}
	return l, nil
}

// read gives every frame to take until ctx ends or the socket does.
func read(ctx context.Context, conn *websocket.Conn, take func(frame []byte)) {
	defer func() { _ = conn.CloseNow() }()
	buffer := make([]byte, 0, 4<<10)
	for {
		_, reader, err := conn.Reader(ctx)
		if err != nil {
			return
		}
		if buffer, err = readInto(buffer[:0], reader); err != nil {
			return
		}
		take(buffer)
	}
}

// readInto is io.ReadAll into a buffer that is there already.
func readInto(buffer []byte, from io.Reader) ([]byte, error) {
	for {
		if len(buffer) == cap(buffer) {
			buffer = append(buffer, 0)[:len(buffer)]
		}
		n, err := from.Read(buffer[len(buffer):cap(buffer)])
		buffer = buffer[:len(buffer)+n]
		if errors.Is(err, io.EOF) {
			return buffer, nil
		}
		if err != nil {
			return buffer, err //nolint:wrapcheck // it only ends the reading
		}
	}
}

func (l *listeners) close() {
	l.cancel()
	l.reading.Wait()
}
