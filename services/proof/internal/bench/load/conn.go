// Package load is a generator that leaves the machine to what it measures: requests made beforehand, connections kept,
// answers counted and not read.
package load

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"
)

// Request is one HTTP/1.1 request as it goes over the wire.
type Request []byte

// NewRequest writes a request for a host. Header is pairs of name and value.
func NewRequest(method, host, target string, body []byte, header ...string) Request {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: %s\r\n", method, target, host)
	for i := 0; i+1 < len(header); i += 2 {
		fmt.Fprintf(&b, "%s: %s\r\n", header[i], header[i+1])
	}
	if method != "GET" {
		fmt.Fprintf(&b, "Content-Length: %d\r\n", len(body))
	}
	b.WriteString("\r\n")
	b.Write(body)
	return b.Bytes()
}

const (
	// answerTimeout is how long one answer may take.
	answerTimeout = 30 * time.Second
	bufferSize    = 32 << 10
)

var (
	errAnswer = errors.New("this is no answer of HTTP/1.1")
	// ErrRefused is returned when an answer is none of the 2xx.
	ErrRefused = errors.New("refused")
)

// conn is a connection that is used again and again.
type conn struct {
	net.Conn
	reader *bufio.Reader
}

func dial(ctx context.Context, host string) (*conn, error) {
	dialled, err := new(net.Dialer).DialContext(ctx, "tcp", host)
	if err != nil {
		return nil, fmt.Errorf("connecting to %s: %w", host, err)
	}
	return &conn{Conn: dialled, reader: bufio.NewReaderSize(dialled, bufferSize)}, nil
}

// do sends a request and reads the answer to its end. It returns ErrRefused.
func (c *conn) do(request Request) error {
	if err := c.SetDeadline(time.Now().Add(answerTimeout)); err != nil {
		return fmt.Errorf("bounding a request: %w", err)
	}
	if _, err := c.Write(request); err != nil {
		return fmt.Errorf("sending a request: %w", err)
	}
	status, err := c.answer()
	if err != nil {
		return fmt.Errorf("reading an answer: %w", err)
	}
	if status/100 != 2 {
		return fmt.Errorf("%w: status %d", ErrRefused, status)
	}
	return nil
}

// answer reads one answer and gives its status.
func (c *conn) answer() (status int, err error) {
	line, err := c.reader.ReadSlice('\n')
	if err != nil {
		return 0, err //nolint:wrapcheck // do says what was being done
	}
	if len(line) < len("HTTP/1.1 200") || !bytes.HasPrefix(line, []byte("HTTP/1.1 ")) {
		return 0, errAnswer
	}
	if status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return 0, errAnswer
	}
	length, chunked, err := c.header()
	if err != nil {
		return 0, err
	}
	if chunked {
		return status, c.chunks()
	}
	_, err = c.reader.Discard(length)
	return status, err //nolint:wrapcheck // do says what was being done
}

// header reads up to the empty line and tells how long the body is.
func (c *conn) header() (length int, chunked bool, err error) {
	for {
		line, err := c.reader.ReadSlice('\n')
		if err != nil {
			return 0, false, err //nolint:wrapcheck // do says what was being done
		}
		name, value, found := bytes.Cut(bytes.TrimRight(line, "\r\n"), []byte(": "))
		switch {
		case !found:
			return length, chunked, nil
		case bytes.EqualFold(name, []byte("Content-Length")):
			if length, err = strconv.Atoi(string(value)); err != nil {
				return 0, false, errAnswer
			}
		case bytes.EqualFold(name, []byte("Transfer-Encoding")):
			chunked = bytes.EqualFold(value, []byte("chunked"))
		}
	}
}

func (c *conn) chunks() error {
	for {
		line, err := c.reader.ReadSlice('\n')
		if err != nil {
			return err //nolint:wrapcheck // do says what was being done
		}
		size, err := strconv.ParseUint(strings.TrimSpace(string(line)), 16, 31)
		if err != nil {
			return errAnswer
		}
		if _, err := c.reader.Discard(int(size) + len("\r\n")); err != nil {
			return err //nolint:wrapcheck // do says what was being done
		}
		if size == 0 {
			return nil
		}
	}
}
