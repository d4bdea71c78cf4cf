namespace MeshSdk.Transport.Lanes;

/// <summary>
/// A handler wants a second connection while its first is not closed: the server has said that it takes no more requests on that one, or the rest of an
/// abandoned response is still being read. The request that asked was not sent, and finds another lane.
/// </summary>
internal sealed class LaneTakenException() : Exception("The connection is not used any more, and not closed yet.")
{
    public static bool IsCauseOf(Exception error)
    {
        for (var e = error; e is not null; e = e.InnerException)
        {
            if (e is LaneTakenException)
            {
                return true;
            }
        }

        return false;
    }
}
