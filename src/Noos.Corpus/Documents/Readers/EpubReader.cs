using System.Xml;
using Noos.Core;
using Noos.Corpus.Documents.Packing;

namespace Noos.Corpus.Documents.Readers;

/// <summary>Format <c>epub</c>: the chapters of an e-book in reading order, each by its headings. Holds one chapter in memory.</summary>
public sealed class EpubReader(ReadLimits? limits = null) : SequentialReader(limits ?? ReadLimits.Default)
{
    public override string Name => "epub";

    public override bool Reads(string format) => base.Reads(format) || format == FileFormat.Epub.MediaType;

    protected override IEnumerable<Document> Read(
        Stream content, DocumentOrigin origin, DocumentPlace? from, CancellationToken cancellationToken)
    {
        var name = NameOf(origin);
        using var package = PackedFile.Open(content, name, Limits);
        if (IsEncrypted(package))
        {
            throw new NoosException(ErrorKind.Refused, $"'{name}' is protected against copying; give an e-book without that.");
        }

        var number = 0;
        foreach (var part in ReadSpine(package, ReadRoot(package)))
        {
            number++;
            var within = $"chapter {number}";
            if (!package.Has(part) || (from?.Within is { } wanted && !string.Equals(wanted, within, StringComparison.OrdinalIgnoreCase)))
            {
                continue;
            }

            cancellationToken.ThrowIfCancellationRequested();
            using var chapter = package.OpenEntry(part);
            if (HtmlReader.ReadWhole(chapter, HtmlReader.MaxLength) is not { } html)
            {
                throw new NoosException(ErrorKind.Refused, $"'{name}' has a chapter of more than {HtmlReader.MaxLength >> 20} MiB.");
            }

            var sections = new SectionBuilder(origin, Limits, within);
            HtmlText.Add(html, sections);
            sections.Flush();
            while (sections.TryTake(out var document))
            {
                yield return document;
            }
        }
    }

    /// <summary>Whether more than fonts is encrypted: those are only scrambled, so that they cannot be copied.</summary>
    bool IsEncrypted(PackedFile package)
    {
        const string part = "META-INF/encryption.xml";
        if (!package.Has(part))
        {
            return false;
        }

        using var xml = package.OpenXml(part);
        while (xml.Advance(Limits))
        {
            if (xml.NodeType == XmlNodeType.Element && xml.LocalName == "CipherReference" && xml.GetAttribute("URI") is { } target
                && Path.GetExtension(target).ToLowerInvariant() is not (".otf" or ".ttf" or ".woff" or ".woff2"))
            {
                return true;
            }
        }

        return false;
    }

    string ReadRoot(PackedFile package)
    {
        using var xml = package.OpenXml("META-INF/container.xml");
        while (xml.Advance(Limits))
        {
            if (xml.NodeType == XmlNodeType.Element && xml.LocalName == "rootfile" && xml.GetAttribute("full-path") is { } path)
            {
                return PackedFile.Resolve("", path);
            }
        }

        throw new XmlException("There is no rootfile.");
    }

    List<string> ReadSpine(PackedFile package, string root)
    {
        var folder = root[..(root.LastIndexOf('/') + 1)];
        var files = new Dictionary<string, string>(StringComparer.Ordinal);
        var spine = new List<string>();
        using var xml = package.OpenXml(root);
        while (xml.Advance(Limits))
        {
            if (xml.NodeType != XmlNodeType.Element || files.Count > Limits.MaxEntries || spine.Count > Limits.MaxEntries)
            {
                continue;
            }

            if (xml.LocalName == "item" && xml.GetAttribute("id") is { } id && xml.GetAttribute("href") is { } target)
            {
                files[id] = PackedFile.Resolve(folder, Uri.UnescapeDataString(target));
            }
            else if (xml.LocalName == "itemref" && xml.GetAttribute("idref") is { } reference && files.TryGetValue(reference, out var file))
            {
                spine.Add(file);
            }
        }

        return spine;
    }
}
