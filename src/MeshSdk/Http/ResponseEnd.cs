using MeshSdk.Telemetry;

namespace MeshSdk.Http;

/// <summary>How it ended that a response was read.</summary>
internal enum ResponseEnd
{
    /// <summary>With its last byte.</summary>
    Whole,

    /// <summary>The caller wanted no more of it.</summary>
    LetGo,

    /// <summary>The caller gave up waiting.</summary>
    Cancelled,

    /// <summary>The connection, or the stream on it, ended first.</summary>
    Lost,

    /// <summary>The time that its route gives it was over first.</summary>
    Late,
}

internal static class ResponseEnds
{
    /// <summary>What a flag that a body ended with says of it.</summary>
    public static ResponseEnd Of(string flags) => flags switch
    {
        ResponseFlags.None => ResponseEnd.Whole,
        ResponseFlags.UpstreamRequestTimeout => ResponseEnd.Late,
        ResponseFlags.DownstreamConnectionTermination => ResponseEnd.Cancelled,
        _ => ResponseEnd.Lost,
    };
}
