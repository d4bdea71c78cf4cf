using System.Runtime.InteropServices;

namespace MeshSdk.LoadBalancing;

/// <summary>A counter that every request writes, kept away from fields that every request reads.</summary>
[StructLayout(LayoutKind.Explicit, Size = 128)]
internal struct PaddedCounter(ulong start)
{
    [FieldOffset(64)]
    private ulong _value = start;

    /// <returns>The value before the increment.</returns>
    public ulong Increment() => Interlocked.Increment(ref _value) - 1;
}
