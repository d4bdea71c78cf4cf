using System.Buffers.Binary;
using System.Text.Unicode;
using MeshSdk.Model;

namespace MeshSdk.LoadBalancing.Load;

/// <summary>
/// Reads <c>xds.data.orca.v3.OrcaLoadReport</c> in the binary form of protobuf. Seven fields of numbers are no reason for a library of generated code; what
/// that would refuse is refused here too.
/// </summary>
internal static class LoadReportMessage
{
    private const int Varint = 0;
    private const int Fixed64 = 1;
    private const int Delimited = 2;
    private const int StartGroup = 3;
    private const int EndGroup = 4;
    private const int Fixed32 = 5;

    // As deep as protobuf's own readers follow groups of fields that they do not know.
    private const int DeepestGroup = 100;

    /// <returns>False for what is no such message; the report must not be used then.</returns>
    public static bool TryRead(ReadOnlySpan<byte> data, ref LoadReport report)
    {
        while (data.Length > 0)
        {
            if (!TryTag(ref data, out var field, out var type))
            {
                return false;
            }

            var isRead = (field, type) switch
            {
                (1 or 2 or 6 or 7 or 9, Fixed64) => TryNumber(ref data, field, ref report),
                (4 or 5 or 8, Delimited) => TryEntry(ref data, field, ref report),
                _ => TrySkip(ref data, field, type, DeepestGroup),
            };
            if (!isRead)
            {
                return false;
            }
        }

        return true;
    }

    private static bool TryNumber(ref ReadOnlySpan<byte> data, uint field, ref LoadReport report)
    {
        if (!TryDouble(ref data, out var value))
        {
            return false;
        }

        switch (field)
        {
            case 1:
                report.Cpu = value;
                break;
            case 2:
                report.Memory = value;
                break;
            case 6:
                report.Qps = value;
                break;
            case 7:
                report.Eps = value;
                break;
            default:
                report.Application = value;
                break;
        }

        return true;
    }

    /// <summary>An entry of a map is a message of a key and a value, either of which may be missing.</summary>
    private static bool TryEntry(ref ReadOnlySpan<byte> data, uint map, ref LoadReport report)
    {
        if (!TryBytes(ref data, out var entry))
        {
            return false;
        }

        ReadOnlySpan<byte> key = default;
        double value = 0;
        while (entry.Length > 0)
        {
            if (!TryTag(ref entry, out var field, out var type))
            {
                return false;
            }

            var isRead = (field, type) switch
            {
                (1, Delimited) => TryBytes(ref entry, out key) && Utf8.IsValid(key),
                (2, Fixed64) => TryDouble(ref entry, out value),
                _ => TrySkip(ref entry, field, type, DeepestGroup),
            };
            if (!isRead)
            {
                return false;
            }
        }

        // What one request has cost says nothing of a load.
        if (map != 4)
        {
            report.Set(map == 5 ? UtilizationField.Utilization : UtilizationField.Named, key, value);
        }

        return true;
    }

    private static bool TryTag(ref ReadOnlySpan<byte> data, out uint field, out int type)
    {
        var isRead = TryVarint(ref data, out var value);
        field = (uint)value >> 3;
        type = (int)(value & 7);
        return isRead && field != 0;
    }

    private static bool TrySkip(ref ReadOnlySpan<byte> data, uint field, int type, int depth) => type switch
    {
        Varint => TryVarint(ref data, out _),
        Fixed64 => TryTake(ref data, 8, out _),
        Delimited => TryBytes(ref data, out _),
        Fixed32 => TryTake(ref data, 4, out _),
        StartGroup => depth > 0 && TrySkipGroup(ref data, field, depth - 1),
        _ => false,
    };

    private static bool TrySkipGroup(ref ReadOnlySpan<byte> data, uint group, int depth)
    {
        while (TryTag(ref data, out var field, out var type))
        {
            if (type == EndGroup)
            {
                return field == group;
            }

            if (!TrySkip(ref data, field, type, depth))
            {
                return false;
            }
        }

        return false;
    }

    private static bool TryVarint(ref ReadOnlySpan<byte> data, out ulong value)
    {
        value = 0;
        for (var i = 0; i < 10 && i < data.Length; i++)
        {
            value |= (ulong)(data[i] & 0x7f) << (7 * i);
            if (data[i] < 0x80)
            {
                data = data[(i + 1)..];
                return true;
            }
        }

        return false;
    }

    private static bool TryDouble(ref ReadOnlySpan<byte> data, out double value)
    {
        var isRead = TryTake(ref data, 8, out var bytes);
        value = isRead ? BinaryPrimitives.ReadDoubleLittleEndian(bytes) : 0;
        return isRead;
    }

    // Lengths have 32 bits, and a sign: what is beyond that is cut off.
    private static bool TryBytes(scoped ref ReadOnlySpan<byte> data, out ReadOnlySpan<byte> bytes)
    {
        bytes = default;
        return TryVarint(ref data, out var length) && TryTake(ref data, (int)length, out bytes);
    }

    private static bool TryTake(scoped ref ReadOnlySpan<byte> data, int count, out ReadOnlySpan<byte> bytes)
    {
        if (count < 0 || count > data.Length)
        {
            bytes = default;
            return false;
        }

        bytes = data[..count];
        data = data[count..];
        return true;
    }
}
