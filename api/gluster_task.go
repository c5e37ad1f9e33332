// SPDX-License-Identifier: GPL-2.0-or-later

package api

// GlusterTaskList lists long-running tasks of gluster.
var GlusterTaskList = declare[GlusterTaskListParams, []GlusterTaskInfo]("GlusterTask.list", "3.2")

// GlusterTaskListParams are the parameters of GlusterTask.list.
type GlusterTaskListParams struct {
	TaskID UUID `json:"taskID" default:"[]"`
}

// GlusterTaskInfo is a long-running task.
type GlusterTaskInfo struct {
	Status GlusterTaskStatus `json:"status"`
	Bricks []string          `json:"bricks"`
	ID     UUID              `json:"id"`
	Type   TaskType          `json:"type"`
	Data   TaskSummary       `json:"data"`
	Volume string            `json:"volume"`
}

// TaskType is what a task does.
type TaskType string

const (
	TaskTypeREBALANCE    TaskType = "REBALANCE"
	TaskTypeREMOVEBRICK  TaskType = "REMOVE_BRICK"
	TaskTypeREPLACEBRICK TaskType = "REPLACE_BRICK"
)

// Values implements Enum.
func (TaskType) Values() []string {
	return enum(TaskTypeREBALANCE, TaskTypeREMOVEBRICK, TaskTypeREPLACEBRICK)
}

// TaskSummary counts what a task did.
type TaskSummary struct {
	VolumeName     string `json:"volumeName"`
	ID             UUID   `json:"id"`
	FilesSkipped   int64  `json:"filesSkipped"`
	Status         string `json:"status"`
	FilesFailed    int64  `json:"filesFailed"`
	TotalSizeMoved int64  `json:"totalSizeMoved"` // bytes
	FilesScanned   int64  `json:"filesScanned"`
	FilesMoved     int64  `json:"filesMoved"`
}
