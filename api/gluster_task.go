// SPDX-License-Identifier: GPL-2.0-or-later

package api

var GlusterTaskList = declare[GlusterTaskListParams, []GlusterTaskInfo]("GlusterTask.list", "3.2")

type GlusterTaskListParams struct {
	TaskID UUID `json:"taskID" default:"[]"`
}

type GlusterTaskInfo struct {
	Status GlusterTaskStatus `json:"status"`
	Bricks []string          `json:"bricks"`
	ID     UUID              `json:"id"`
	Type   TaskType          `json:"type"`
	Data   TaskSummary       `json:"data"`
	Volume string            `json:"volume"`
}

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

type TaskSummary struct {
	VolumeName     string `json:"volumeName"`
	ID             UUID   `json:"id"`
	FilesSkipped   int64  `json:"filesSkipped"`
	Status         string `json:"status"`
	FilesFailed    int64  `json:"filesFailed"`
	TotalSizeMoved int64  `json:"totalSizeMoved"`
	FilesScanned   int64  `json:"filesScanned"`
	FilesMoved     int64  `json:"filesMoved"`
}
