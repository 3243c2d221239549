using System.Globalization;
using Noos.Core;

namespace Noos.Cpus.Local;

/// <summary>A file with a LoRA adapter, and how strongly it acts where a request does not say.</summary>
public sealed record AdapterFile(string Path, float Scale)
{
    /// <summary>Reads <c>FILE</c> or <c>FILE:SCALE</c>.</summary>
    /// <exception cref="NoosException">There is no file name.</exception>
    public static AdapterFile Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var colon = text.LastIndexOf(':');
        var adapter = colon > 0 && float.TryParse(text.AsSpan(colon + 1), NumberStyles.Float, CultureInfo.InvariantCulture, out var scale)
            ? new AdapterFile(text[..colon], scale)
            : new AdapterFile(text, 1);
        return string.IsNullOrWhiteSpace(adapter.Path)
            ? throw new NoosException("An adapter needs a file; write it like adapter.gguf or adapter.gguf:0.5.")
            : adapter;
    }
}
