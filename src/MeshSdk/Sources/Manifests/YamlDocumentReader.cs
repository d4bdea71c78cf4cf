using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace MeshSdk.Sources.Manifests;

/// <summary>Builds documents from the parser's events. The serializer of the same library is not used: it works by reflection and guesses types.</summary>
internal sealed class YamlDocumentReader : IDocumentReader
{
    private readonly Scanner _scanner;
    private readonly Parser _parser;
    private readonly Dictionary<string, ManifestNode> _anchors = new(StringComparer.Ordinal);
    private readonly FieldPath _path = new();
    private readonly int _linesBefore;
    private List<TextFault> _faults = [];
    private long _aliased;
    private bool _inDocument;

    /// <param name="text">One document or several.</param>
    /// <param name="linesBefore">Of the text that this one is a piece of.</param>
    /// <param name="documentsBefore">Likewise.</param>
    public YamlDocumentReader(string text, int linesBefore = 0, int documentsBefore = 0)
    {
        Unread = text;
        Number = documentsBefore;
        _linesBefore = linesBefore;
        _scanner = new(new StringReader(text), skipComments: true);
        _parser = new(_scanner);
    }

    public TextFault? SyntaxFault { get; private set; }

    public int Number { get; private set; }

    public string Unread { get; }

    public ManifestDocument? Next()
    {
        if (SyntaxFault is not null)
        {
            return null;
        }

        try
        {
            while (_parser.MoveNext())
            {
                if (_parser.Current is DocumentStart)
                {
                    return Document();
                }
            }
        }
        catch (TooDeepException tooDeep)
        {
            SyntaxFault = new(tooDeep.Line, "", $"values are nested more than {ManifestLimits.Depth} levels deep");
        }
        catch (YamlException fault)
        {
            // Some faults come without a place: they are where the scanner stands.
            Fail(fault.Start.Index > 0 ? fault.Start : _scanner.CurrentPosition, Sentence(fault.Message));
        }
#pragma warning disable CA1031 // On some malformed texts, an unclosed list for one, the parser itself trips; that is a syntax error like any other.
        catch (Exception fault) when (fault is not OutOfMemoryException)
#pragma warning restore CA1031
        {
            Fail(_scanner.CurrentPosition, "the text near this line cannot be understood; look for a bracket or a quote that is not closed");
        }

        return null;
    }

    private void Fail(Mark place, string reason)
    {
        SyntaxFault = new((int)Math.Max(1, place.Line) + _linesBefore, "", "this is not YAML: " + reason);
        if (!_inDocument)
        {
            // Between documents, so in the one that was about to begin.
            Number++;
        }
    }

    private ManifestDocument Document()
    {
        Number++;
        _inDocument = true;
        _anchors.Clear();
        _faults = [];
        _aliased = 0;
        _parser.MoveNext();
        RefuseTab(_parser.Current!);
        var root = Node(0);
        _inDocument = false;
        return new(Number, root, _faults);
    }

    // The parser itself finds such a tab everywhere but before the first list of a document.
    private void RefuseTab(ParsingEvent root)
    {
        var start = (int)Math.Min(root.Start.Index, Unread.Length);
        var lead = Unread.AsSpan(0, start);
        lead = lead[(lead.LastIndexOf('\n') + 1)..];
        if (root is SequenceStart { Style: SequenceStyle.Block } or MappingStart { Style: MappingStyle.Block } && lead.Contains('\t') && lead.IsWhiteSpace())
        {
            throw new SyntaxErrorException(root.Start, root.End, "found a tab as indentation, where only spaces may be");
        }
    }

    /// <summary>Reads the node that the parser stands on, and leaves the parser on its last event.</summary>
    private ManifestNode Node(int depth)
    {
        var start = _parser.Current!;
        var line = (int)start.Start.Line + _linesBefore;
        if (depth > ManifestLimits.Depth)
        {
            throw new TooDeepException(line);
        }

        if (start is AnchorAlias alias)
        {
            return Alias(alias.Value.Value, line, depth);
        }

        ManifestNode node = start switch
        {
            Scalar scalar => Scalar(scalar, line),
            SequenceStart => Sequence(line, depth),
            _ => Mapping(line, depth),
        };

        if (start is NodeEvent { Anchor.IsEmpty: false } anchored)
        {
            _anchors[anchored.Anchor.Value] = node;
        }

        return node;
    }

    private ScalarNode Scalar(Scalar scalar, int line)
    {
        var tag = scalar.Tag.IsEmpty ? null : scalar.Tag.Value;
        var node = YamlScalar.Resolve(line, scalar.Value, scalar.Style == ScalarStyle.Plain, tag);
        return node ?? Fault(line, tag is null
            ? $"{scalar.Value} is a number that no field can hold"
            : $"\"{scalar.Value}\" is not what its tag {tag} says");
    }

    private SequenceNode Sequence(int line, int depth)
    {
        var items = new List<ManifestNode>();
        while (_parser.MoveNext() && _parser.Current is not SequenceEnd)
        {
            _path.Push(items.Count);
            items.Add(Node(depth + 1));
            _path.Pop();
        }

        return new(line, items);
    }

    private MappingNode Mapping(int line, int depth)
    {
        var mapping = new MappingBuilder();
        List<ManifestNode>? merges = null;
        while (_parser.MoveNext() && _parser.Current is not MappingEnd)
        {
            var keyLine = (int)_parser.Current!.Start.Line + _linesBefore;
            var word = _parser.Current as Scalar;
            var isMerge = word is { Value: "<<", Style: ScalarStyle.Plain, Tag.IsEmpty: true };
            var key = Key(Node(depth + 1), word, keyLine);
            _parser.MoveNext();
            _path.Push(key);
            var value = Node(depth + 1);
            if (isMerge)
            {
                (merges ??= []).Add(value);
            }
            else if (!mapping.TryAdd(key, value, keyLine))
            {
                Fault(keyLine, $"the key \"{key}\" comes twice in one mapping; keep one of them");
            }

            _path.Pop();
        }

        foreach (var merge in merges ?? [])
        {
            Merge(mapping, merge);
        }

        return mapping.Build(line);
    }

    /// <summary>A key is what was written: a label called <c>on</c> is no boolean.</summary>
    private string Key(ManifestNode node, Scalar? word, int line)
    {
        if (node is ScalarNode { Kind: not ScalarKind.Null } scalar)
        {
            return word?.Value ?? scalar.Text;
        }

        Fault(line, node is ScalarNode ? "a key is missing before the colon" : "a key must be a plain word, not a list or a mapping");
        return "";
    }

    /// <summary>Adds what a <c>&lt;&lt;</c> brings in: never over a key of the mapping itself, and of several the first one wins.</summary>
    private void Merge(MappingBuilder target, ManifestNode source)
    {
        var mappings = source is SequenceNode list ? list.Items : [source];
        foreach (var mapping in mappings)
        {
            if (mapping is not MappingNode { Entries: var entries })
            {
                Fault(mapping.Line, "only a mapping, or a list of mappings, can be merged with <<");
                continue;
            }

            foreach (var (key, value) in entries)
            {
                target.TryAdd(key, value, value.Line);
            }
        }
    }

    private ManifestNode Alias(string anchor, int line, int depth)
    {
        if (!_anchors.TryGetValue(anchor, out var node))
        {
            return Fault(line, $"*{anchor} names no anchor that ends before it");
        }

        if (depth + node.Depth > ManifestLimits.Depth)
        {
            throw new TooDeepException(line);
        }

        // A few lines of aliases to aliases can stand for gigabytes: what they add up to is counted before anything is written out.
        if (node.Size > ManifestLimits.Aliases - _aliased)
        {
            _aliased = ManifestLimits.Aliases;
            return Fault(line, $"the aliases of this document add up to more than {ManifestLimits.Aliases} characters");
        }

        _aliased += node.Size;
        return node;
    }

    private ScalarNode Fault(int line, string message)
    {
        if (_faults.Count < ManifestLimits.Problems)
        {
            _faults.Add(new(line, _path.ToString(), message));
        }

        return new(line, ScalarKind.Null, "");
    }

    private static string Sentence(string message) =>
        message.Length == 0 ? "it cannot be understood" : char.ToLowerInvariant(message[0]) + message[1..].TrimEnd('.');

    private sealed class TooDeepException(int line) : Exception
    {
        public int Line => line;
    }
}
