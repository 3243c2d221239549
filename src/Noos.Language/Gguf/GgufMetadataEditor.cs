using Noos.Core;

namespace Noos.Language.Gguf;

/// <summary>Writes a copy of a GGUF file with other metadata; its tensors stay as they are, byte for byte.</summary>
public static unsafe class GgufMetadataEditor
{
    const int CopyBytes = 1 << 24;

    /// <param name="input">A file, of a split one its first part; the copy is one file.</param>
    /// <param name="output">The file to write or replace; it appears when it is whole.</param>
    /// <param name="changes">
    /// Values by key; null takes a key out. A changed value keeps its place; new ones come after the last key with the same first word.
    /// </param>
    /// <exception cref="NoosException">The input is damaged, or the output is the same file or cannot be written.</exception>
    public static void Rewrite(string input, string output, IEnumerable<(string Key, GgufValue? Value)> changes)
    {
        ArgumentException.ThrowIfNullOrEmpty(output);
        ArgumentNullException.ThrowIfNull(changes);
        using var file = GgufFile.Open(input);
        if (Path.GetFullPath(input) == Path.GetFullPath(output))
        {
            throw new NoosException($"'{output}' is the file to read; give another one to write.");
        }

        var metadata = file.Metadata
            .Where(entry => entry.Key != GgufFile.AlignmentKey && !entry.Key.StartsWith("split.", StringComparison.Ordinal))
            .Select(entry => (entry.Key, entry.Value)).ToList();
        foreach (var (key, value) in changes)
        {
            Change(metadata, key, value);
        }

        var writer = new GgufWriter();
        metadata.ForEach(entry => writer.Add(entry.Key, entry.Value));
        foreach (var tensor in file.Tensors)
        {
            writer.AddTensor(tensor.Name, tensor.Type, tensor.Dimensions, stream => Copy(file, tensor, stream));
        }

        writer.WriteTo(output);
    }

    static void Change(List<(string Key, GgufValue Value)> metadata, string key, GgufValue? value)
    {
        var place = metadata.FindIndex(entry => entry.Key == key);
        if (place >= 0)
        {
            metadata.RemoveAt(place);
        }
        else
        {
            var word = key.Split('.')[0] + '.';
            var last = metadata.FindLastIndex(entry => entry.Key.StartsWith(word, StringComparison.Ordinal));
            place = last < 0 ? metadata.Count : last + 1;
        }

        if (value is not null)
        {
            metadata.Insert(place, (key, value));
        }
    }

    static void Copy(GgufFile file, GgufTensor tensor, Stream stream)
    {
        var start = file.Pointer(tensor);
        for (var done = 0L; done < tensor.ByteLength; done += CopyBytes)
        {
            stream.Write(new ReadOnlySpan<byte>(start + done, (int)Math.Min(CopyBytes, tensor.ByteLength - done)));
        }
    }
}
