using AngleSharp.Common;
using AngleSharp.Html.Construction;
using AngleSharp.Html.Parser.Tokens.Struct;

namespace Noos.Corpus.Extraction.Dom;

/// <summary>The attributes of an element that extraction reads; all others are dropped.</summary>
sealed class DomAttributes : IConstructableNamedNodeMap
{
    static readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> s_read = new HashSet<string>(StringComparer.Ordinal)
    {
        "alt", "alttext", "aria-hidden", "aria-label", "charset", "class", "content", "datetime", "height", "hidden", "href", "hreflang",
        "http-equiv", "id", "itemprop", "itemtype", "lang", "language", "media", "name", "property", "rel", "role", "src", "start", "style",
        "title", "type", "value", "width", "xml:lang", "colspan", "rowspan", "border", "cite", "data-lang", "data-language",
    }.GetAlternateLookup<ReadOnlySpan<char>>();

    Attribute[] _items = [];

    public int Length => _items.Length;

    public IConstructableAttr? this[StringOrMemory name] => Find(name.Memory.Span);

    public ReadOnlyMemory<char>? this[string name] => Find(name)?.Value.Memory;

    public void Set(StructAttributes attributes)
    {
        var count = 0;
        for (var i = 0; i < attributes.Count; i++)
        {
            count += s_read.Contains(attributes[i].Name.Memory.Span) ? 1 : 0;
        }

        if (count == 0)
        {
            return;
        }

        var next = _items.Length;
        Array.Resize(ref _items, next + count);
        for (var i = 0; i < attributes.Count; i++)
        {
            var (name, value) = (attributes[i].Name, attributes[i].Value);
            if (s_read.Contains(name.Memory.Span))
            {
                _items[next++] = new Attribute { Name = name, Value = value };
            }
        }
    }

    public void Set(StringOrMemory name, StringOrMemory value)
    {
        if (Find(name.Memory.Span) is { } known)
        {
            known.Value = value;
        }
        else if (s_read.Contains(name.Memory.Span))
        {
            _items = [.. _items, new Attribute { Name = name, Value = value }];
        }
    }

    /// <summary>Takes over those of another element, which it may share: they are set once.</summary>
    public void CopyFrom(DomAttributes other) => _items = other._items;

    public bool SameAs(IConstructableNamedNodeMap? attributes)
    {
        if (attributes is null || attributes.Length != Length)
        {
            return false;
        }

        foreach (var item in _items)
        {
            if (attributes[item.Name] is not { } other || !other.Value.Memory.Span.SequenceEqual(item.Value.Memory.Span))
            {
                return false;
            }
        }

        return true;
    }

    Attribute? Find(ReadOnlySpan<char> name)
    {
        foreach (var item in _items)
        {
            if (item.Name.Memory.Span.SequenceEqual(name))
            {
                return item;
            }
        }

        return null;
    }

    sealed class Attribute : IConstructableAttr
    {
        public StringOrMemory Name { get; init; }

        public StringOrMemory Value { get; set; }
    }
}
