using System.Globalization;

namespace MeshSdk.Http.Rpc;

/// <summary>Tells a gRPC server how many attempts of a call came before (gRFC A6).</summary>
internal static class PreviousAttempts
{
    public const string Header = "grpc-previous-rpc-attempts";

    /// <summary>How many attempts came before, by what whoever made the message has said.</summary>
    public static int Of(HttpRequestMessage request) =>
        request.Headers.NonValidated.TryGetValues(Header, out var values)
        && int.TryParse(values.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : 0;

    /// <param name="request">What is about to be sent; a channel that retries by itself may have counted already.</param>
    /// <param name="journal">Undoes it.</param>
    /// <param name="count">How many attempts of the mesh may have reached a server.</param>
    public static void Add(HttpRequestMessage request, ref RequestJournal journal, int count)
    {
        journal.Backup.Keep(Header);
        count += Of(request) is var before && before < int.MaxValue - count ? before : 0;
        request.Headers.Remove(Header);
        request.Headers.TryAddWithoutValidation(Header, count.ToString(CultureInfo.InvariantCulture));
    }
}
