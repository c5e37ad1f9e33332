// SPDX-License-Identifier: GPL-2.0-or-later

package virt_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os/exec"
	"strings"
	"testing"
	"time"

	"govdsm/api"
	"govdsm/internal/libvirt"
	"govdsm/internal/virt"
)

// checkBalloon sets the balloon of a guest that runs.
func checkBalloon(t *testing.T, h *host, id string) {
	t.Helper()
	answer := h.must("VM.setBalloonTarget", object{"vmID": id, "target": 120000})
	if string(answer) != `{"code":0,"message":"Done"}` {
		t.Errorf("VM.setBalloonTarget: %s", answer)
	}
	if balloon := h.stats(id)["balloonInfo"].(object); balloon["balloon_target"] != "120000" {
		t.Errorf("balloon %v", balloon)
	}
	if xml := xmlOfDomain(t, &driver{client: h.client}, id); !strings.Contains(xml, ">120000</ovirt-vm:balloonTarget>") {
		t.Errorf("the target is not kept: %s", xml)
	}
	h.refused("VM.setBalloonTarget", object{"vmID": id, "target": uint64(1) << 60}, api.ErrBalloon)
}

// checkScreenshot looks at a guest that runs.
func checkScreenshot(t *testing.T, h *host, id string) {
	t.Helper()
	var shot api.ScreenshotResponse
	if err := json.Unmarshal(h.must("VM.screenshot", vmID(id)), &shot); err != nil {
		t.Fatal(err)
	}
	picture, err := base64.StdEncoding.DecodeString(shot.Data)
	if err != nil || shot.Encoding != "base64" {
		t.Errorf("encoding %q: %v", shot.Encoding, err)
	}
	begins := map[string]string{"image/x-portable-pixmap": "P6", "image/png": "\x89PNG"}[shot.MimeType]
	if begins == "" || !strings.HasPrefix(string(picture), begins) {
		t.Errorf("a picture of type %q begins with %.10q", shot.MimeType, picture)
	}
}

// checkTicket sets the display's password, and sees that QEMU asks for one.
func checkTicket(t *testing.T, h *host, id string) {
	t.Helper()
	secure := func(want string) {
		t.Helper()
		xml, err := h.secureXML(id)
		if err != nil || !strings.Contains(xml, `passwd='`+want+`'`) {
			t.Errorf("the password is not %s: %v", want, err)
		}
		_, validTo, _ := strings.Cut(xml, "passwdValidTo='")
		at, err := time.Parse("2006-01-02T15:04:05", validTo[:min(19, len(validTo))])
		if left := time.Until(at); err != nil || left <= 0 || left > 1000*time.Second {
			t.Errorf("valid for %v, %v", left, err)
		}
	}
	h.must("VM.setTicket", object{"vmID": id, "password": "first", "ttl": 1000, "existingConnAction": "keep", "params": object{}})
	secure("first")
	answer := h.must("VM.updateDevice", object{"vmID": id, "params": object{
		"deviceType": "graphics", "graphicsType": "vnc", "password": "<&'>", "ttl": 1000,
		"existingConnAction": "disconnect", "params": object{}, "consoleDisconnectActionDelay": 0,
	}})
	if string(answer) != "{}" {
		t.Errorf("VM.updateDevice: %s", answer)
	}
	secure("&lt;&amp;&apos;&gt;")
	display := h.stats(id)["displayInfo"].([]any)[0].(object)
	if got := securityOf(t, display["port"].(string)); got != 2 {
		t.Errorf("the display offers security type %d, not a password", got)
	}
	h.refused("VM.updateDevice", object{"vmID": id, "params": object{
		"deviceType": "graphics", "graphicsType": "spice", "password": "x", "ttl": 1,
		"params": object{}, "consoleDisconnectActionDelay": 0,
	}}, api.ErrUpdateDeviceFailed)
	h.refused("VM.updateDevice", object{"vmID": id, "params": object{"deviceType": "interface", "alias": "x"}}, api.ErrMethodNotImplemented)
	fips := object{"vmID": id, "password": "x", "ttl": 1, "existingConnAction": "keep", "params": object{"fips": "perhaps"}}
	h.refused("VM.setTicket", fips, api.ErrMissingParameter)
}

// securityOf returns the only way to log in that a VNC server offers (RFC 6143,
// 7.1): 1 is none, 2 a password.
func securityOf(t *testing.T, port string) byte {
	t.Helper()
	conn, err := net.DialTimeout("tcp", net.JoinHostPort("127.0.0.1", port), patience)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	hello := make([]byte, 12)
	if _, err := io.ReadFull(conn, hello); err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Fprintf(conn, "RFB 003.008\n"); err != nil {
		t.Fatal(err)
	}
	types := make([]byte, 2)
	if _, err := io.ReadFull(conn, types); err != nil || types[0] != 1 {
		t.Fatalf("%v ways to log in, %v", types, err)
	}
	return types[1]
}

// What needs a guest is refused without one, and without a display or an agent.
func TestToolsRefused(t *testing.T) {
	t.Parallel()
	f := newFake()
	h := fakeHost(t, f, virt.Options{})
	s := newSketch()
	ticket := func(id string) object {
		return object{"vmID": id, "password": "x", "ttl": 1, "existingConnAction": "keep", "params": object{}}
	}
	for verb, params := range map[string]object{
		"VM.setBalloonTarget": {"vmID": s.id, "target": 1}, "VM.setTicket": ticket(s.id),
		"VM.freeze": vmID(s.id), "VM.thaw": vmID(s.id), "VM.screenshot": vmID(s.id),
	} {
		h.refused(verb, params, api.ErrNoSuchVM)
	}
	h.create(s.id, s.xml())
	h.awaitEvent(s.id, "Powering up")
	h.refused("VM.setTicket", ticket(s.id), api.ErrSpiceTicket)
	for _, c := range []struct {
		code         libvirt.Code
		freeze, thaw *api.Code
	}{
		{libvirt.AgentUnresponsive, api.ErrNonResponsiveGuestAgent, api.ErrNonResponsiveGuestAgent},
		{libvirt.NoSupport, api.ErrUnsupportedOperation, api.ErrUnsupportedOperation},
		{libvirt.InternalError, api.ErrFreezeGuestFSFailed, api.ErrThawGuestFSFailed},
	} {
		f.freezing = &libvirt.Error{Code: c.code, Message: "no"}
		h.refused("VM.freeze", vmID(s.id), c.freeze)
		h.refused("VM.thaw", vmID(s.id), c.thaw)
	}
	f.mu.Lock()
	f.domains[s.id].status.State = libvirt.StateShutoff
	f.mu.Unlock()
	h.vms.Handle(stopped(s.id))
	h.await(s.id, "Down")
	h.refused("VM.screenshot", vmID(s.id), api.ErrVMIsDown)
	h.refused("VM.setBalloonTarget", object{"vmID": s.id, "target": 1}, api.ErrBalloon)
	h.refused("VM.freeze", vmID(s.id), api.ErrGeneral)
}

// secureXML reads a definition with its secrets, as an administrator does.
func (h *host) secureXML(id string) (string, error) {
	out, err := virsh("dumpxml", "--security-info", id)
	return string(out), err
}

// virsh speaks to the private libvirtd as an administrator does.
func virsh(args ...string) ([]byte, error) {
	return exec.Command("virsh", append([]string{"-q", "-c", private.libvirt.URI}, args...)...).Output()
}

func stopped(id string) libvirt.Event {
	return libvirt.Lifecycle{VM: id, Change: libvirt.Stopped, Detail: libvirt.StoppedShutdown}
}
