using System.IO.Compression;
using System.Xml;
using Noos.Core;

namespace Noos.Corpus.Documents.Packing;

/// <summary>
/// A ZIP archive of a stranger, read with limits: office files, e-books and plain archives. An entry gives at most the bytes that the
/// directory says, and the directory was checked before. For one reader.
/// </summary>
sealed class PackedFile : IDisposable
{
    // Between two tags: values of cells and attributes. An attribute is a string in memory, however long it is.
    const int MaxXmlToken = 8 << 20;

    readonly ZipArchive _archive;
    readonly Dictionary<string, ZipArchiveEntry> _entries = new(StringComparer.OrdinalIgnoreCase);
    readonly string _name;
    readonly ReadLimits _limits;

    PackedFile(ZipArchive archive, string name, ReadLimits limits)
    {
        (_archive, _name, _limits) = (archive, name, limits);
        foreach (var entry in archive.Entries)
        {
            _entries.TryAdd(entry.FullName.Replace('\\', '/').TrimStart('/'), entry);
        }
    }

    /// <summary>Opens an archive.</summary>
    /// <param name="content">Can seek; stays the caller's.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="limits">What it may cost.</param>
    /// <exception cref="NoosException">It is no archive (Damaged), or too large (Refused).</exception>
    public static PackedFile Open(Stream content, string name, ReadLimits limits)
    {
        ZipDirectory.Check(content, name, limits);
        return new PackedFile(new ZipArchive(content, ZipArchiveMode.Read, leaveOpen: true), name, limits);
    }

    /// <summary>The entries in their order, folders included.</summary>
    public IReadOnlyList<ZipArchiveEntry> Entries => _archive.Entries;

    public bool Has(string entry) => _entries.ContainsKey(entry);

    /// <summary>An entry unpacked as it is read.</summary>
    /// <exception cref="NoosException">There is none (Damaged), or it has a password (Refused).</exception>
    public Stream OpenEntry(string entry) => _entries.TryGetValue(entry, out var found)
        ? OpenEntry(found)
        : throw new NoosException(ErrorKind.Damaged, $"'{_name}' has no part {entry}; open it in its own program and save it again.");

    /// <inheritdoc cref="OpenEntry(string)"/>
    public Stream OpenEntry(ZipArchiveEntry entry) => entry.IsEncrypted
        ? throw new NoosException(ErrorKind.Refused, $"'{_name}' has a password; give the file without one.")
        : new LimitedStream(entry.Open(), entry.Length, () => ZipDirectory.TooLarge(_name, _limits));

    /// <summary>A part as XML, without entities or anything from elsewhere.</summary>
    public XmlReader OpenXml(string entry)
    {
        var stream = new LimitedStream(OpenEntry(entry), long.MaxValue, () => ZipDirectory.TooLarge(_name, _limits))
        {
            MaxToken = MaxXmlToken,
        };
        return XmlReader.Create(stream, new XmlReaderSettings
        {
            DtdProcessing = DtdProcessing.Ignore,
            XmlResolver = null,
            CloseInput = true,
            CheckCharacters = false,
            IgnoreComments = true,
            IgnoreProcessingInstructions = true,
        });
    }

    /// <summary>
    /// The targets of the relationships of a part by their ids (Open Packaging Conventions), as names of entries; of those that lead out of
    /// the file none.
    /// </summary>
    /// <param name="part">Such as <c>xl/workbook.xml</c>; empty for the file.</param>
    public Dictionary<string, (string Type, string Target)> Relationships(string part)
    {
        var folder = part[..(part.LastIndexOf('/') + 1)];
        var path = $"{folder}_rels/{part[folder.Length..]}.rels";
        var found = new Dictionary<string, (string, string)>(StringComparer.Ordinal);
        if (!Has(path))
        {
            return found;
        }

        using var xml = OpenXml(path);
        while (xml.Read())
        {
            if (xml.NodeType == XmlNodeType.Element && xml.LocalName == "Relationship" && xml.GetAttribute("Id") is { } id
                && xml.GetAttribute("Target") is { } target && xml.GetAttribute("TargetMode") != "External"
                && found.Count < _limits.MaxEntries)
            {
                found[id] = (xml.GetAttribute("Type") ?? "", Resolve(folder, target));
            }
        }

        return found;
    }

    /// <summary>The part of an office file in which its document begins; null where it does not say.</summary>
    public string? MainPart =>
        Relationships("").Values.FirstOrDefault(part => part.Type.EndsWith("/officeDocument", StringComparison.Ordinal)).Target;

    /// <summary>The name of an entry that another in a folder points to.</summary>
    public static string Resolve(string folder, string target)
    {
        var path = target.StartsWith('/') ? target : folder + target;
        var names = new List<string>();
        foreach (var name in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (name == "..")
            {
                names.RemoveRange(Math.Max(0, names.Count - 1), Math.Min(1, names.Count));
            }
            else if (name != ".")
            {
                names.Add(name);
            }
        }

        return string.Join('/', names);
    }

    public void Dispose() => _archive.Dispose();
}
