using System.Globalization;

namespace MeshSdk.LoadTest.Backend;

/// <summary>What the servers saw of handshakes, up to some moment.</summary>
/// <param name="Handshakes">That came to their end.</param>
/// <param name="Resumed">Those of them that took up a session.</param>
/// <param name="Bytes">That the servers sent in them.</param>
/// <param name="Serials">Of certificates that callers showed, each once.</param>
/// <param name="ServerSerials">Of certificates that the servers have shown, each once.</param>
/// <param name="LeastLeft">Of the life of a certificate that a caller showed.</param>
/// <param name="Processor">Time that the process of the servers has used.</param>
internal sealed record HandshakeTally(long Handshakes, long Resumed, long Bytes, int Serials, int ServerSerials, TimeSpan LeastLeft, TimeSpan Processor)
{
    public static HandshakeTally Parse(string line)
    {
        var fields = line.Split(' ').Select(static field => long.Parse(field, CultureInfo.InvariantCulture)).ToArray();
        return new HandshakeTally(fields[0], fields[1], fields[2], (int)fields[3], (int)fields[4], new TimeSpan(fields[5]), new TimeSpan(fields[6]));
    }

    /// <summary>What has come since an earlier moment; what is not a sum cannot be told apart so.</summary>
    public HandshakeTally Since(HandshakeTally earlier) =>
        new(Handshakes - earlier.Handshakes, Resumed - earlier.Resumed, Bytes - earlier.Bytes, Serials, ServerSerials, LeastLeft, Processor - earlier.Processor);

    /// <summary>As <see cref="Parse"/> reads it.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Handshakes} {Resumed} {Bytes} {Serials} {ServerSerials} {LeastLeft.Ticks} {Processor.Ticks}");
}
