package kernel

import "golang.org/x/sys/cpu"

//go:noescape
func int8TileAMX(t *int8Tile)

func xcr0() uint32

// lacksAMX tells what this machine does not have for AMX: the processor must have it
// and the system save its registers.
func lacksAMX() string {
	const tiles = 1<<17 | 1<<18 // their configuration and their data, in XCR0
	switch {
	case !cpu.X86.HasAMXTile || !cpu.X86.HasAMXInt8 || !cpu.X86.HasAVX512F || !cpu.X86.HasAVX2:
		return "AMX"
	case !cpu.X86.HasOSXSAVE || xcr0()&tiles != tiles:
		return "system that saves the registers of AMX"
	}
	return ""
}

// int8TileTMUL computes a tile by AMX.
func int8TileTMUL(t *int8Tile) {
	t.work.config = tileConfig(t.rows)
	int8TileAMX(t)
}

// tileConfig gives the registers of int8TileAMX as many rows as a tile needs of them.
func tileConfig(rows int) (config [64]byte) {
	config[0] = 1 // the palette
	low, high := byte(min(rows, 16)), byte(max(rows-16, 0))
	for i, n := range [8]byte{low, low, high, high, low, high, 16, 16} {
		if n > 0 {
			config[16+2*i] = 64 // bytes of a row
			config[48+i] = n
		}
	}
	return config
}
