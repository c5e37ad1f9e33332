// SPDX-License-Identifier: GPL-2.0-or-later

package domxml

import (
	"strconv"
	"strings"

	"github.com/beevik/etree"
)

// Where the noticeboard for MOM lives (lib/vdsm/virt/xmlconstants.py).
const (
	TunePrefix    = "ovirt-tune"
	TuneNamespace = "http://ovirt.org/vm/tune/1.0"
)

// QoS are the limits that MOM is asked to enforce. The daemon keeps them, and
// does not enforce them itself.
type QoS struct {
	VCPULimit string // per cent of a CPU, "" for none
	IOTune    []IOLimits
}

// IOLimits are the limits of one disk, which is told by name or path.
type IOLimits struct {
	Name, Path string
	// Maximum and Guaranteed hold limits by name, "total_bytes_sec"; nil when
	// not given.
	Maximum, Guaranteed map[string]int64
}

// limitNames are all limits, in the order in which they are written.
func limitNames() []string {
	return []string{
		"total_bytes_sec", "total_iops_sec",
		"read_bytes_sec", "read_iops_sec",
		"write_bytes_sec", "write_iops_sec",
	}
}

// QoS reads the noticeboard of the document; it is empty when there is none.
func (d *Domain) QoS() QoS {
	return loadQoS(childNS(child(d.root, "metadata"), TuneNamespace, "qos"))
}

// ParseQoS reads the element alone, with its namespace or without, as libvirt
// returns it.
func ParseQoS(text string) (QoS, error) {
	doc, err := parseDocument(text)
	if err != nil {
		return QoS{}, err
	}
	root := doc.Root()
	if uri := root.NamespaceURI(); root.Tag != "qos" || uri != "" && uri != TuneNamespace {
		return QoS{}, malformed("the element is {%s}%s, not qos", uri, root.Tag)
	}
	return loadQoS(root), nil
}

func loadQoS(e *etree.Element) QoS {
	var q QoS
	if e == nil {
		return q
	}
	r := reader{uri: e.NamespaceURI()}
	q.VCPULimit = textOf(r.find(e, "vcpuLimit"))
	tune := r.find(e, "ioTune")
	if tune == nil {
		return q
	}
	for dev := range r.each(tune, "device") {
		q.IOTune = append(q.IOTune, IOLimits{
			Name:       attrOf(dev, "name"),
			Path:       attrOf(dev, "path"),
			Maximum:    loadLimits(r.find(dev, "maximum")),
			Guaranteed: loadLimits(r.find(dev, "guaranteed")),
		})
	}
	return q
}

// loadLimits leaves out what is no number.
func loadLimits(e *etree.Element) map[string]int64 {
	if e == nil {
		return nil
	}
	limits := make(map[string]int64)
	for _, c := range e.ChildElements() {
		if n, err := strconv.ParseInt(strings.TrimSpace(textOf(c)), 10, 64); err == nil {
			limits[c.Tag] = n
		}
	}
	return limits
}

// XML returns the element without namespace, as virDomainSetMetadata takes it.
func (q QoS) XML() string {
	e := etree.NewElement("qos")
	if q.VCPULimit != "" {
		e.CreateElement("vcpuLimit").SetText(q.VCPULimit)
	}
	if len(q.IOTune) > 0 {
		tune := e.CreateElement("ioTune")
		for _, limits := range q.IOTune {
			limits.write(tune.CreateElement("device"))
		}
	}
	return textOfElement(e)
}

func (l IOLimits) write(dev *etree.Element) {
	if l.Name != "" {
		dev.CreateAttr("name", l.Name)
	}
	if l.Path != "" {
		dev.CreateAttr("path", l.Path)
	}
	for _, group := range []struct {
		tag    string
		limits map[string]int64
	}{{"maximum", l.Maximum}, {"guaranteed", l.Guaranteed}} {
		if group.limits == nil {
			continue
		}
		e := dev.CreateElement(group.tag)
		for _, name := range limitNames() {
			if n, ok := group.limits[name]; ok && n >= 0 {
				e.CreateElement(name).SetText(strconv.FormatInt(n, 10))
			}
		}
	}
}
