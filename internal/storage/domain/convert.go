// SPDX-License-Identifier: GPL-2.0-or-later

package domain

import (
	"context"
	"fmt"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"govdsm/api"
	"govdsm/internal/storage/domainmd"
	"govdsm/internal/storage/volumemd"
)

// Convert brings the domain to a later format: 3 to 4 and 5, 4 to 5. The caller
// is the pool's manager and keeps everybody else off the domain. Up to one
// write the domain has the old format, and from it on the new one; converting
// again completes what was interrupted. Another conversion is
// [api.ErrUnsupportedDomainVersion]. Source: formatconverter.py.
func (d *Domain) Convert(ctx context.Context, to domainmd.Version) error {
	if _, err := d.Metadata(ctx); err != nil {
		return err
	}
	now := d.Known().Version
	if now == to {
		return nil
	}
	if now < domainmd.Version3 || to < now || to > domainmd.Version5 {
		return domainmd.UnsupportedVersion(strconv.Itoa(int(now)))
	}
	if now == domainmd.Version3 {
		if err := d.convertTo4(ctx); err != nil {
			return fmt.Errorf("converting domain %s to version 4: %w", d.id, err)
		}
	}
	if to == domainmd.Version5 {
		if err := d.convertTo5(ctx); err != nil {
			return fmt.Errorf("converting domain %s to version 5: %w", d.id, err)
		}
	}
	return nil
}

// convertTo4 gives the domain external leases. A file that is there already is
// of a conversion that was interrupted: no host has used it.
func (d *Domain) convertTo4(ctx context.Context) error {
	if d.Shared() {
		if err := d.dir.RemoveIfThere(ctx, XLeasesFile); err != nil {
			return Access(d.id, err)
		}
		if err := formatLeases(ctx, d.dir, d.Known()); err != nil {
			return Access(d.id, err)
		}
	}
	return d.upgrade(ctx, domainmd.Version4)
}

func (d *Domain) upgrade(ctx context.Context, to domainmd.Version) error {
	return d.Update(ctx, func(m *domainmd.Metadata) error {
		m.Upgrade(to)
		return nil
	})
}

// convertTo5 writes the sizes of volumes the way both formats find them, before
// the domain changes, and the way of the new one after it. The second is no
// more than tidying.
func (d *Domain) convertTo5(ctx context.Context) error {
	if err := d.rewriteVolumes(ctx, volumemd.Volume.BytesBetween4And5); err != nil {
		return err
	}
	if err := d.upgrade(ctx, domainmd.Version5); err != nil {
		return err
	}
	return d.rewriteVolumes(ctx, func(v volumemd.Volume) ([]byte, error) { return v.Bytes(int(domainmd.Version5)) })
}

// rewriteVolumes writes the metadata of all volumes anew, first of all where
// they belong: then the links to templates are made anew, too. Each is read just
// before it is written, since jobs of other hosts write them.
func (d *Domain) rewriteVolumes(ctx context.Context, form func(volumemd.Volume) ([]byte, error)) error {
	names, err := d.dir.Glob(ctx, ImageDir("*/*.meta"))
	if err != nil {
		return Access(d.id, err)
	}
	names = slices.DeleteFunc(names, func(name string) bool { return strings.Contains(name, "/"+removedPrefix) })
	written := make(map[string]bool, len(names)) // false until it is
	for _, name := range names {
		written[name] = false
	}
	links := make(map[string]string) // by their names, whose they are
	for _, name := range names {
		owner, err := d.rewrite(ctx, name, form, written)
		if err != nil {
			return err
		}
		if owner != "" {
			links[name] = owner
		}
	}
	for _, name := range slices.Sorted(maps.Keys(links)) {
		if written[links[name]] {
			err = d.relink(ctx, links[name], name)
		} else { // that one is broken, this one is not
			_, err = d.rewrite(ctx, name, form, nil)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// rewrite writes the metadata of a volume anew and notes it. That of a template
// in another image than its own is left, and whose it is returned.
func (d *Domain) rewrite(
	ctx context.Context, name string, form func(volumemd.Volume) ([]byte, error), written map[string]bool,
) (owner string, err error) {
	text, err := d.dir.ReadDirect(ctx, name)
	if err != nil {
		return "", Access(d.id, err)
	}
	v, err := volumemd.Parse(text)
	if err != nil {
		d.log.WarnContext(ctx, "volume with bad metadata is not converted", "domain", d.id, "file", name, "err", err)
		return "", nil
	}
	if at := path.Join(ImageDir(v.Image), path.Base(name)); v.Role == api.VolumeRoleSHARED && at != name {
		if _, there := written[at]; there {
			return at, nil
		}
	}
	text, err = form(v)
	if err == nil {
		err = d.dir.WriteFile(ctx, name, text)
	}
	if err != nil {
		return "", api.ErrVolumeMetadataWrite.OfText(fmt.Sprintf("%s: %v", name, err)).Caused(err)
	}
	if written != nil {
		written[name] = true
	}
	return "", nil
}

// relink makes a name one more of a file, in place of what it is.
func (d *Domain) relink(ctx context.Context, file, name string) error {
	temporary := name + ".new"
	err := d.dir.RemoveIfThere(ctx, temporary)
	if err == nil {
		err = d.dir.Link(ctx, file, temporary)
	}
	if err == nil {
		err = d.dir.Rename(ctx, temporary, name)
	}
	if err != nil {
		return Access(d.id, err)
	}
	return nil
}
