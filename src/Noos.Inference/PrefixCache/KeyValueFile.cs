using System.Security.Cryptography;
using Noos.Core;
using Noos.Core.Storage;
using Noos.Inference.KeyValues;

namespace Noos.Inference.PrefixCache;

/// <summary>
/// The pages of a prefix tree in a file (<see cref="KeyValueWriter"/>). A page comes after its parent; otherwise the most recently used
/// come first, so that a reader with less memory takes those.
/// </summary>
/// <param name="path">The file.</param>
/// <param name="fingerprint">Of the model, 32 bytes.</param>
/// <param name="vocabularySize">Of the model.</param>
/// <param name="pages">Where pages come from.</param>
/// <param name="tree">What is saved and restored.</param>
/// <param name="unfilled">Clears what is not saved.</param>
sealed unsafe class KeyValueFile(
    string path, byte[] fingerprint, int vocabularySize, KeyValuePages pages, PrefixTree tree, UnfilledPositions unfilled)
{
    readonly KeyValueSource _source = new($"The file '{path}' of keys and values", "delete it");

    /// <summary>Writes the pages that are worth most.</summary>
    /// <param name="maxBytes">Max bytes of pages.</param>
    /// <returns>Number of tokens.</returns>
    /// <exception cref="NoosException">The file cannot be written.</exception>
    public int Save(long maxBytes)
    {
        var nodes = tree.HoldAll((int)Math.Min(maxBytes / pages.PageBytes, int.MaxValue));
        try
        {
            AtomicFile.Write(path, stream =>
            {
                foreach (var block in KeyValueWriter.Encode(Header(nodes.Count), Stored(nodes), unfilled))
                {
                    stream.Write(block.Span);
                }
            });
            return nodes.Sum(node => node.Tokens.Length);
        }
        finally
        {
            tree.ReleaseAll(nodes);
        }
    }

    /// <summary>Takes over the pages of the file, all that the allowance has room for or none.</summary>
    /// <returns>Number of tokens.</returns>
    /// <exception cref="NoosException">The file is missing, damaged, or of another model or type.</exception>
    public int Restore()
    {
        if (!File.Exists(path))
        {
            throw new NoosException(
                ErrorKind.NotFound, $"There is no file '{path}' of keys and values; the conversation must be read again.");
        }

        using var reader = new KeyValueReader(
            _source, Header(0), new KeyValueLimits(tree.MaxPages, MaxCapacity: 0, vocabularySize), pages, tree);
        try
        {
            using var stream = File.OpenRead(path);
            for (reader.Start(); !reader.Wanted.IsEmpty; reader.Advance())
            {
                CheckLength(reader, stream.Length);
                stream.ReadExactly(reader.Wanted.Span);
            }
        }
        catch (Exception e)
        {
            // All or none: nothing was published yet, so every page taken goes back.
            reader.Discard();
            throw _source.Explain(e);
        }

        var nodes = new List<PrefixNode>();
        foreach (var page in reader.Pages)
        {
            nodes.Add(tree.Publish(page.Parent < 0 ? null : nodes[page.Parent], page.Tokens.Span, (byte*)page.Page));
        }

        tree.ReleaseAll(nodes);
        return reader.Pages.Sum(page => page.Tokens.Length);
    }

    static IEnumerable<StoredPage> Stored(IReadOnlyList<PrefixNode> nodes)
    {
        var numbers = new Dictionary<PrefixNode, int>();
        foreach (var node in nodes)
        {
            yield return new StoredPage(numbers.GetValueOrDefault(node.Parent!, -1), node.TokenMemory, Address(node));
            numbers.Add(node, numbers.Count);
        }
    }

    static nint Address(PrefixNode node) => (nint)node.Page;

    KeyValueHeader Header(int count) => new(
        KeyValueContent.Tree, fingerprint, new byte[SHA256.HashSizeInBytes], pages.Type, pages.PageBytes, count, Capacity: 0);

    /// <summary>A file of the wrong length is refused before pages are taken for it.</summary>
    void CheckLength(KeyValueReader reader, long length)
    {
        if (reader is { Header: { } header, Pages.Count: 0 } && length != KeyValueHeader.Length
            + ((Int128)header.PageCount * (StoredPage.HeaderLength + pages.PageBytes)) + SHA256.HashSizeInBytes)
        {
            throw _source.Damaged();
        }
    }
}
