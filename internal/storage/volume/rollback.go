// SPDX-License-Identifier: GPL-2.0-or-later

package volume

import (
	"context"
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"govdsm/internal/storage/domain"
	"govdsm/internal/storage/task"
)

// Where the original's functions are.
const (
	fileModule, fileObject     = "fileVolume", "FileVolume"
	volumeModule, volumeObject = "volume", "Volume"
	domainModule, domainObject = "sd", "StorageDomain"
)

func (v *Volumes) imageRollback(image string) task.Recovery {
	return task.Recovery{
		Name: "create image rollback: " + image, Module: domainModule, Object: domainObject,
		Function: "create_image_rollback", Params: []string{v.dir.Path(domain.ImageDir(image))},
	}
}

func (v *Volumes) shareRollback(id ID) task.Recovery {
	return task.Recovery{
		Name: "Share volume rollback: " + v.Path(id), Module: fileModule, Object: fileObject,
		Function: "shareVolumeRollback", Params: []string{v.Path(id)},
	}
}

// sentinel marks the first of the recoveries that createRollback replaces.
func (v *Volumes) sentinel(id ID) task.Recovery {
	return task.Recovery{
		Name: task.RollbackSentinel, Module: fileModule, Object: fileObject,
		Function: "startCreateVolumeRollback", Params: []string{v.d.ID(), id.Image, id.Volume},
	}
}

func (v *Volumes) halfBakedRollback(id ID) task.Recovery {
	return task.Recovery{
		Name: "Halfbaked volume rollback", Module: fileModule, Object: fileObject,
		Function: "halfbakedVolumeRollback", Params: []string{v.d.ID(), id.Volume, v.Path(id)},
	}
}

func (v *Volumes) parentRollback(id ID) task.Recovery {
	return task.Recovery{
		Name: "parent volume rollback: " + id.Volume, Module: volumeModule, Object: volumeObject,
		Function: "parentVolumeRollback", Params: []string{v.d.ID(), id.Image, id.Volume},
	}
}

func (v *Volumes) metadataRollback(id ID) task.Recovery {
	return task.Recovery{
		Name: "Create volume metadata rollback", Module: fileModule, Object: fileObject,
		Function: "createVolumeMetadataRollback", Params: []string{v.Path(id)},
	}
}

func (v *Volumes) createRollback(id ID) task.Recovery {
	pool := BlankID
	if pools := v.d.Known().Pools; len(pools) > 0 {
		pool = pools[0]
	}
	return task.Recovery{
		Name: "Create volume rollback", Module: fileModule, Object: fileObject,
		Function: "createVolumeRollback",
		Params: []string{
			filepath.Join(v.o.Repository, pool), v.d.ID(), id.Image, id.Volume, v.dir.Path(domain.ImageDir(id.Image)),
		},
	}
}

func (v *Volumes) extendRollback(id ID) task.Recovery {
	return task.Recovery{
		Name: "Extend size for volume: " + id.Volume, Module: volumeModule, Object: volumeObject,
		Function: "extendSizeFinalize", Params: []string{v.d.ID(), id.Image, id.Volume},
	}
}

// ErrUndo says that nobody here knows how to undo something.
var ErrUndo = errors.New("no such recovery of a volume")

// DomainOf returns the domain in which a recovery undoes something; false when
// it is none of volumes.
func DomainOf(r task.Recovery) (string, bool) {
	if _, ok := undoings()[r.Function]; !ok {
		return "", false
	}
	for _, p := range r.Params {
		if domain.IsID(p) { // the domain is the first id
			return p, true
		}
		if id, _, ok := inDomain(p); ok {
			return id, true
		}
	}
	return "", false
}

// Recoveries returns what Undo understands: module, object and function only.
func Recoveries() []task.Recovery {
	volume := []string{"parentVolumeRollback", "extendSizeFinalize"}
	all := []task.Recovery{{Module: domainModule, Object: domainObject, Function: "create_image_rollback"}}
	for function := range undoings() {
		switch {
		case function == all[0].Function:
		case slices.Contains(volume, function):
			all = append(all, task.Recovery{Module: volumeModule, Object: volumeObject, Function: function})
		default:
			all = append(all, task.Recovery{Module: fileModule, Object: fileObject, Function: function})
		}
	}
	return all
}

// undoing undoes something. What it undoes may not have been done, or have been
// undone: tasks are rolled back again when that was interrupted.
type undoing func(v *Volumes, ctx context.Context, params []string) error

func undoings() map[string]undoing {
	nothing := func(*Volumes, context.Context, []string) error { return nil }
	return map[string]undoing{
		"create_image_rollback":        ofPath((*Volumes).undoImage),
		"shareVolumeRollback":          ofPath((*Volumes).undoShare),
		"startCreateVolumeRollback":    nothing,
		"halfbakedVolumeRollback":      undoHalf,
		"createVolumeMetadataRollback": ofPath((*Volumes).undoMetadata),
		"createVolumeRollback":         ofIDs((*Volumes).undoCreate),
		"parentVolumeRollback":         ofIDs((*Volumes).undoParent),
		"extendSizeFinalize":           ofIDs((*Volumes).syncCapacity),
	}
}

// Undo runs a recovery that this host or another one pushed. Of paths in it,
// only what they name in the domain counts: another host may mount it elsewhere.
func (v *Volumes) Undo(ctx context.Context, r task.Recovery) error {
	undo, ok := undoings()[r.Function]
	if id, found := DomainOf(r); !ok || !found || id != v.d.ID() {
		return fmt.Errorf("%s.%s.%s: %w", r.Module, r.Object, r.Function, ErrUndo)
	}
	if err := undo(v, ctx, r.Params); err != nil {
		return fmt.Errorf("%s: %w", r.Name, err)
	}
	return nil
}

// ofPath undoes something of the volume, or the image, that the last parameter
// is the path of.
func ofPath(undo func(*Volumes, context.Context, ID) error) undoing {
	return func(v *Volumes, ctx context.Context, params []string) error {
		if len(params) == 0 {
			return ErrUndo
		}
		_, id, ok := inDomain(params[len(params)-1])
		if !ok {
			return ErrUndo
		}
		return undo(v, ctx, id)
	}
}

// undoHalf removes data that is no volume yet, or was to replace that of one.
func undoHalf(v *Volumes, ctx context.Context, params []string) error {
	if len(params) > 0 && strings.HasSuffix(params[len(params)-1], newSuffix) {
		return ofPath((*Volumes).undoArriving)(v, ctx, params)
	}
	return ofPath((*Volumes).undoHalfBaked)(v, ctx, params)
}

// ofIDs undoes something of a volume whose ids follow that of the domain.
func ofIDs(undo func(*Volumes, context.Context, ID) error) undoing {
	return func(v *Volumes, ctx context.Context, params []string) error {
		for n, p := range params {
			if p == v.d.ID() && n+2 < len(params) {
				id := ID{params[n+1], params[n+2]}
				if err := id.check(); err != nil {
					return err
				}
				return undo(v, ctx, id)
			}
		}
		return ErrUndo
	}
}

// inDomain reads the path of an image or of a volume's file.
func inDomain(name string) (domainID string, id ID, ok bool) {
	before, after, found := strings.Cut(name, "/"+domain.ImagesDir+"/")
	domainID = path.Base(before)
	id.Image, id.Volume, _ = strings.Cut(after, "/")
	id.Volume, _, _ = strings.Cut(id.Volume, ".")
	ok = found && domain.IsID(domainID) && domain.IsID(id.Image) && (id.Volume == "" || domain.IsID(id.Volume))
	return domainID, id, ok
}

// imageOf returns the image of a file of a volume, "" when it is in none.
func imageOf(file string) string {
	if image := path.Base(path.Dir(file)); domain.IsID(image) {
		return image
	}
	return ""
}
