using System.Globalization;
using Noos.Core;

namespace Noos.Language.Gguf;

/// <summary>
/// Opens models in several files ("splits"), as llama-gguf-split makes them: <c>NAME-00001-of-00003.gguf</c> and so on. Each file is a GGUF
/// file of its own; the first has the metadata of the model, each has its number, the number of files and that of all tensors.
/// </summary>
static class GgufSplits
{
    const string NumberKey = "split.no";
    const string CountKey = "split.count";
    const string TensorCountKey = "split.tensors.count";
    const string Extension = ".gguf";

    /// <summary>The parts of a model in their order; a single one for a model that is not split.</summary>
    /// <exception cref="NoosException">
    /// A part is missing (<see cref="ErrorKind.NotFound"/>) or not of this model (<see cref="ErrorKind.Damaged"/>).
    /// </exception>
    public static GgufPart[] Open(string path)
    {
        var parts = new List<GgufPart> { GgufPart.Open(path) };
        try
        {
            var count = Number(path, parts[0], CountKey) ?? 1;
            if (count <= 1)
            {
                return [.. parts];
            }

            var name = CommonName(path, Number(path, parts[0], NumberKey) ?? 0, count);
            // The count may claim two thousand million files: the loop ends at the first that is missing.
            for (var number = 1L; number < count; number++)
            {
                var next = PathOf(name, number, count);
                if (!File.Exists(next))
                {
                    throw new NoosException(ErrorKind.NotFound,
                        $"The model '{path}' is in {count} files and '{next}' is missing; put all of them into one folder.");
                }

                parts.Add(GgufPart.Open(next));
                if (Number(next, parts[^1], NumberKey) != number || Number(next, parts[^1], CountKey) != count)
                {
                    throw new NoosException(ErrorKind.Damaged,
                        $"The file '{next}' is not part {number + 1} of {count} of the model '{path}', though its name says so; "
                        + "download it again.");
                }
            }

            var promised = Number(path, parts[0], TensorCountKey);
            var found = parts.Sum(part => part.Tensors.Count);
            return promised is null || promised == found
                ? [.. parts]
                : throw new NoosException(ErrorKind.Damaged,
                    $"The {count} files of the model '{path}' have {found:N0} tensors together instead of {promised:N0}, so one of "
                    + "them is of another model; download them again.");
        }
        catch
        {
            parts.ForEach(part => part.Dispose());
            throw;
        }
    }

    /// <summary>The prefix before the numbers in the names of the parts.</summary>
    static string CommonName(string path, long number, long count)
    {
        var ending = PathOf("", number, count);
        if (!path.EndsWith(ending, StringComparison.OrdinalIgnoreCase))
        {
            throw new NoosException(
                $"The file '{path}' is part {number + 1} of a model in {count} files, so its name must end with '{ending}' for the "
                + "others to be found; rename it.");
        }

        var name = path[..^ending.Length];
        return number == 0
            ? name
            : throw new NoosException(
                $"The file '{path}' is part {number + 1} of a model in {count} files; give the first one, '{PathOf(name, 0, count)}'.");
    }

    static string PathOf(string name, long number, long count) =>
        string.Create(CultureInfo.InvariantCulture, $"{name}-{number + 1:D5}-of-{count:D5}{Extension}");

    /// <summary>Null when the key is missing.</summary>
    static long? Number(string path, GgufPart part, string key)
    {
        if (!part.Metadata.TryGetValue(key, out var value))
        {
            return null;
        }

        return value.ToInteger() is >= 0 and <= int.MaxValue and var number
            ? number
            : throw GgufPart.Damaged(path, $"its {key} is not a whole number");
    }
}
