// SPDX-License-Identifier: GPL-2.0-or-later

// Package glance reads and writes images on HTTP servers: those that speak as
// OpenStack's image service does, in versions 1 and 2 of its interface, and any
// other for which GET and PUT of a URL is all.
//
// The original runs curl (glance.py, curlImgWrap.py). As there, redirections
// are not followed, a proxy is taken from the environment, and certificates are
// checked against those that the host trusts. Unlike there, nothing but http
// and https is spoken: a URL comes from a client, and curl would open files.
//
// Headers hold tokens. They are in no error and no log.
package glance

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Image is an image on a server.
type Image struct {
	URL     string
	Headers map[string]string // of each request, such as X-Auth-Token
}

// Limits of what a server may do.
const (
	mostDescription = 1 << 20 // bytes of what tells about an image
	mostSaid        = 512     // bytes of what comes with a refusal
	dialling        = 30 * time.Second
)

// silence is how long nothing may come, or be taken, before a transfer is given
// up.
const silence = 5 * time.Minute

// Options configure a Client. Zero members take the defaults.
type Options struct {
	Silence time.Duration // default 5 min
}

// Client talks to servers. Its methods may be called at once.
type Client struct {
	silence time.Duration
	http    http.Client
}

// New returns a client.
func New(o Options) *Client {
	c := &Client{silence: cmp.Or(o.Silence, silence)}
	dialer := &net.Dialer{Timeout: dialling}
	c.http = http.Client{
		Transport: &http.Transport{
			Proxy:                 http.ProxyFromEnvironment,
			DialContext:           dialer.DialContext,
			TLSHandshakeTimeout:   dialling,
			ResponseHeaderTimeout: c.silence,
			ExpectContinueTimeout: time.Second,
			DisableKeepAlives:     true, // transfers are few and long
			DisableCompression:    true, // images come as they are
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return c
}

// errSilent says that a server has said nothing for too long.
var errSilent = errors.New("the image server is silent")

// parse refuses what is no URL of a web server.
func (i Image) parse() (*url.URL, error) {
	u, err := url.Parse(i.URL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("no URL of an image on a web server: %q", shown(i.URL))
	}
	return u, nil
}

// shown is a URL without what may be secret in it.
func shown(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return "malformed"
	}
	u.RawQuery, u.Fragment = "", ""
	return u.Redacted()
}

// version is that of the service's interface, "" for another server.
func version(u *url.URL) string {
	first, _, _ := strings.Cut(strings.TrimPrefix(strings.ToLower(u.Path), "/"), "/")
	if first == "v1" || first == "v2" {
		return first
	}
	return ""
}

// request sends a request, and returns an answer of success.
func (c *Client) request(ctx context.Context, method string, u *url.URL, i Image, body io.Reader, length int64) (*http.Response, error) {
	if body == nil {
		body = http.NoBody
	}
	r, err := http.NewRequestWithContext(ctx, method, u.String(), body)
	if err != nil {
		return nil, err
	}
	for name, value := range i.Headers {
		if strings.EqualFold(name, "Host") {
			r.Host = value
			continue
		}
		r.Header.Set(name, value)
	}
	if length >= 0 && method == http.MethodPut {
		r.ContentLength = length
	}
	answer, err := c.http.Do(r)
	if err != nil {
		// The whole URL is in it.
		if failed, ok := errors.AsType[*url.Error](err); ok {
			err = failed.Err
		}
		return nil, fmt.Errorf("%s %s: %w", method, shown(i.URL), err)
	}
	if answer.StatusCode < http.StatusOK || answer.StatusCode >= http.StatusMultipleChoices {
		said, _ := io.ReadAll(io.LimitReader(answer.Body, mostSaid)) // it refuses, whatever it says
		return nil, errors.Join(
			fmt.Errorf("%s %s: the server answers %s: %q", method, shown(i.URL), answer.Status, said), answer.Body.Close())
	}
	return answer, nil
}

// Get opens an image to read it, and tells its length in bytes.
func (c *Client) Get(ctx context.Context, i Image) (io.ReadCloser, int64, error) {
	u, err := i.parse()
	if err != nil {
		return nil, 0, err
	}
	length := int64(-1)
	switch version(u) {
	case "v1":
		length, err = c.lengthV1(ctx, u, i)
	case "v2":
		if length, err = c.lengthV2(ctx, u, i); err == nil {
			u = u.JoinPath("file")
		}
	}
	if err != nil {
		return nil, 0, err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	answer, err := c.request(ctx, http.MethodGet, u, i, nil, -1)
	if err != nil {
		cancel(nil)
		return nil, 0, err
	}
	if length < 0 {
		length = answer.ContentLength
	}
	if length < 0 || answer.ContentLength >= 0 && answer.ContentLength != length {
		err := fmt.Errorf("%s: the image has %d bytes, its description says %d", shown(i.URL), answer.ContentLength, length)
		cancel(err)
		return nil, 0, errors.Join(err, answer.Body.Close())
	}
	return &watched{Reader: answer.Body, ctx: ctx, cancel: cancel, silence: c.silence, close: answer.Body.Close}, length, nil
}

func (c *Client) lengthV1(ctx context.Context, u *url.URL, i Image) (int64, error) {
	answer, err := c.request(ctx, http.MethodHead, u, i, nil, -1)
	if err != nil {
		return 0, err
	}
	text := answer.Header.Get("X-Image-Meta-Size")
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		err = fmt.Errorf("%s: no length of the image: %q", shown(i.URL), text)
	}
	return n, errors.Join(err, answer.Body.Close())
}

func (c *Client) lengthV2(ctx context.Context, u *url.URL, i Image) (int64, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, c.silence, errSilent)
	defer cancel()
	answer, err := c.request(ctx, http.MethodGet, u, i, nil, -1)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, mostDescription))
	if err != nil {
		return 0, fmt.Errorf("%s: %w", shown(i.URL), err)
	}
	var about struct{ Size *int64 }
	if err := json.Unmarshal(text, &about); err != nil || about.Size == nil || *about.Size < 0 {
		return 0, fmt.Errorf("%s: no length of the image", shown(i.URL))
	}
	return *about.Size, nil
}

// Put makes length bytes of r the image.
func (c *Client) Put(ctx context.Context, i Image, r io.Reader, length int64) error {
	u, err := i.parse()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	body := &watched{Reader: io.LimitReader(r, length), ctx: ctx, cancel: cancel, silence: c.silence, taken: true}
	answer, err := c.request(ctx, http.MethodPut, u, i, body, length)
	body.rest()
	if err != nil {
		return err
	}
	return answer.Body.Close()
}
