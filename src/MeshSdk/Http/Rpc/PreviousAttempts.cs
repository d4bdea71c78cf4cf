using System.Globalization;

namespace MeshSdk.Http.Rpc;

/// <summary>Tells a gRPC server how many attempts of a call came before (gRFC A6).</summary>
internal static class PreviousAttempts
{
    public const string Header = "grpc-previous-rpc-attempts";

    /// <param name="request">What is about to be sent; a channel that retries by itself may have counted already.</param>
    /// <param name="journal">Undoes it.</param>
    /// <param name="count">How many attempts the mesh has made.</param>
    public static void Add(HttpRequestMessage request, ref RequestJournal journal, int count)
    {
        journal.Backup.Keep(Header);
        if (request.Headers.NonValidated.TryGetValues(Header, out var values))
        {
            count += int.TryParse(values.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var before) && before < int.MaxValue - count ? before : 0;
            request.Headers.Remove(Header);
        }

        request.Headers.TryAddWithoutValidation(Header, count.ToString(CultureInfo.InvariantCulture));
    }
}
