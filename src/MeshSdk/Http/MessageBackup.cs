using System.Net.Http.Headers;

namespace MeshSdk.Http;

/// <summary>What filters are about to change on the caller's message, as it was before. Made only where there are filters.</summary>
internal sealed class MessageBackup(HttpRequestMessage request)
{
    private readonly HttpMethod _method = request.Method;
    private readonly Uri? _uri = request.RequestUri;
    private readonly HttpContent? _content = request.Content;
    private readonly Version _version = request.Version;
    private readonly HttpVersionPolicy _versionPolicy = request.VersionPolicy;
    private readonly List<Kept> _headers = [];

    /// <summary>To be called before a header is changed, whichever side of the message it is on.</summary>
    public void Keep(string name)
    {
        Keep(request.Headers, name);
        if (_content is not null)
        {
            Keep(_content.Headers, name);
        }
    }

    /// <summary>To be called before code runs that may change any header.</summary>
    public void KeepAll()
    {
        foreach (var header in request.Headers.NonValidated)
        {
            Keep(header.Key);
        }

        foreach (var header in _content?.Headers.NonValidated ?? default)
        {
            Keep(header.Key);
        }
    }

    /// <summary>To be called after such code: what is there and was not kept has been added by it.</summary>
    public void KeepAdded()
    {
        KeepAdded(request.Headers);
        if (_content is not null)
        {
            KeepAdded(_content.Headers);
        }
    }

    /// <exception cref="ObjectDisposedException">The caller has disposed of the message; its headers are restored.</exception>
    public void Restore()
    {
        foreach (var (headers, name, values) in _headers)
        {
            if (headers.NonValidated.Contains(name))
            {
                headers.Remove(name);
            }

            if (values is not null)
            {
                headers.TryAddWithoutValidation(name, values);
            }
        }

        _headers.Clear();
        request.Content = _content;
        request.Method = _method;
        request.RequestUri = _uri;
        (request.Version, request.VersionPolicy) = (_version, _versionPolicy);
    }

    private void Keep(HttpHeaders headers, string name)
    {
        if (IsKept(headers, name))
        {
            return;
        }

        if (!headers.NonValidated.TryGetValues(name, out var values))
        {
            _headers.Add(new Kept(headers, name, Values: null));
            return;
        }

        // The caller gets the name back as it was written, which is not always how the filter writes it.
        foreach (var header in headers.NonValidated)
        {
            if (header.Key.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                _headers.Add(new Kept(headers, header.Key, [.. values]));
                return;
            }
        }
    }

    private void KeepAdded(HttpHeaders headers)
    {
        foreach (var header in headers.NonValidated)
        {
            if (!IsKept(headers, header.Key))
            {
                _headers.Add(new Kept(headers, header.Key, Values: null));
            }
        }
    }

    private bool IsKept(HttpHeaders headers, string name)
    {
        foreach (var kept in _headers)
        {
            if (ReferenceEquals(kept.Headers, headers) && kept.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    private readonly record struct Kept(HttpHeaders Headers, string Name, string[]? Values);
}
