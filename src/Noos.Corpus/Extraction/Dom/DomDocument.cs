using AngleSharp.Common;
using AngleSharp.Dom;
using AngleSharp.Html.Construction;
using AngleSharp.Html.Parser.Tokens.Struct;
using AngleSharp.Text;

namespace Noos.Corpus.Extraction.Dom;

/// <summary>A parsed page. Counts what it is given, so that the parser can stop before a page has become too large.</summary>
sealed class DomDocument(TextSource source) : DomContainer, IConstructableDocument
{
    static readonly DomElement s_none = new(null!, HtmlTag.Unknown, StringOrMemory.Empty, NodeFlags.None);

    DomElement? _lastTable;

    /// <summary>Elements that were made so far.</summary>
    public int ElementCount { get; private set; }

    /// <summary>The element that was made last.</summary>
    public DomElement? LastElement { get; private set; }

    public override NodeFlags Flags => NodeFlags.None;

    public TextSource Source => source;

    public IDisposable? Builder { get; set; }

    public QuirksMode QuirksMode { get; set; }

    public DomElement? Root => Find(this, HtmlTag.Html);

    public DomElement? Body => Root is { } root ? Find(root, HtmlTag.Body) : null;

    public IConstructableElement? Head => Root is { } root ? Find(root, HtmlTag.Head) : null;

    public IConstructableElement DocumentElement => Root ?? s_none;

    public bool IsLoading => false;

    /// <summary>Takes note of an element that was made.</summary>
    public T Add<T>(T element)
        where T : DomElement
    {
        ElementCount++;
        LastElement = element;
        if (element.Tag == HtmlTag.Table)
        {
            _lastTable = element;
        }

        return element;
    }

    // Content that may not stand in a table is put before it. The builder finds the table of its own DOM only, and hands all others here.
    public override void AddNode(IConstructableNode node)
    {
        if (Root is not null && node is not DomElement { Tag: HtmlTag.Html } && _lastTable?.Parent is { } parent)
        {
            parent.InsertNode(parent.Nodes.IndexOf(_lastTable), node);
            return;
        }

        base.AddNode(node);
    }

    public void PerformMicrotaskCheckpoint()
    {
    }

    public void ProvideStableState()
    {
    }

    public void AddComment(ref StructHtmlToken token)
    {
    }

    public void TrackError(Exception exception)
    {
    }

    public Task WaitForReadyAsync(CancellationToken cancelToken) => Task.CompletedTask;

    public Task FinishLoadingAsync() => Task.CompletedTask;

    public void ApplyManifest()
    {
    }

    static DomElement? Find(DomContainer container, HtmlTag tag)
    {
        foreach (var node in container.Nodes)
        {
            if (node is DomElement element && element.Tag == tag)
            {
                return element;
            }
        }

        return null;
    }
}
