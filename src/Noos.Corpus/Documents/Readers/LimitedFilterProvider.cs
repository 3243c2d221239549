using System.IO.Compression;
using Noos.Core;
using UglyToad.PdfPig.Filters;
using UglyToad.PdfPig.Tokens;

namespace Noos.Corpus.Documents.Readers;

/// <summary>
/// The filters of PdfPig, but none that unpacks a stream to more than a limit: they unpack in memory, and Deflate makes up to a thousand
/// times as much of what there is.
/// </summary>
/// <param name="maxLength">Bytes of one stream.</param>
/// <param name="name">What messages call the file.</param>
sealed class LimitedFilterProvider(int maxLength, string name) : IFilterProvider
{
    // Deflate writes at most 258 bytes for two bits.
    const int MaxRatio = 1032;

    // A code of twelve bits stands for at most 4096 bytes.
    const int MaxLzwRatio = 2731;

    readonly IFilterProvider _inner = DefaultFilterProvider.Instance;

    public IReadOnlyList<IFilter> GetFilters(DictionaryToken dictionary) => Limit(_inner.GetFilters(dictionary));

    public IReadOnlyList<IFilter> GetNamedFilters(IReadOnlyList<NameToken> names) => Limit(_inner.GetNamedFilters(names));

    public IReadOnlyList<IFilter> GetAllFilters() => Limit(_inner.GetAllFilters());

    IFilter[] Limit(IReadOnlyList<IFilter> filters) => [.. filters.Select(filter => new LimitedFilter(filter, maxLength, name))];

    sealed class LimitedFilter(IFilter inner, int maxLength, string name) : IFilter
    {
        public bool IsSupported => inner.IsSupported;

        public Memory<byte> Decode(Memory<byte> input, DictionaryToken streamDictionary, IFilterProvider filterProvider, int filterIndex)
        {
            if (input.Length > maxLength
                || (inner is FlateFilter && input.Length > maxLength / MaxRatio && LengthOf(input) > maxLength)
                || (inner is LzwFilter && input.Length > maxLength / MaxLzwRatio && LzwLengthOf(input.Span) > maxLength))
            {
                throw new NoosException(
                    ErrorKind.Refused,
                    $"'{name}' has a stream that unpacks to more than {maxLength >> 20} MiB, which is more than is read; print it into a "
                    + "new PDF.");
            }

            return inner.Decode(input, streamDictionary, filterProvider, filterIndex);
        }

        /// <summary>What a code stands for is one byte longer than the code before: the bytes themselves are not needed.</summary>
        static long LzwLengthOf(ReadOnlySpan<byte> input)
        {
            const int clear = 256;
            const int end = 257;
            var lengths = new int[4096];
            lengths.AsSpan(0, clear).Fill(1);
            var (next, width, bits, available, before, length) = (end + 1, 9, 0, 0, 0, 0L);
            foreach (var value in input)
            {
                (bits, available) = ((bits << 8) | value, available + 8);
                if (available < width)
                {
                    continue;
                }

                available -= width;
                var code = (bits >> available) & ((1 << width) - 1);
                bits &= (1 << available) - 1;
                if (code == end)
                {
                    break;
                }

                if (code == clear)
                {
                    (next, width, before) = (end + 1, 9, 0);
                    continue;
                }

                if (before > 0 && next < lengths.Length)
                {
                    lengths[next++] = before + 1;
                }

                before = code < next ? lengths[code] : before + 1;
                length += before;
                // One code early, as PDF has it where nothing else is said.
                width = next >= 2047 ? 12 : next >= 1023 ? 11 : next >= 511 ? 10 : 9;
            }

            return length;
        }

        /// <summary>What the input unpacks to, at most a little more than the limit.</summary>
        long LengthOf(Memory<byte> input)
        {
            // Two bytes of zlib's header come before.
            using var deflated = new MemoryStream(input.Slice(2).ToArray());
            using var inflated = new DeflateStream(deflated, CompressionMode.Decompress);
            var buffer = new byte[1 << 16];
            var length = 0L;
            try
            {
                while (length <= maxLength && inflated.Read(buffer) is > 0 and var count)
                {
                    length += count;
                }
            }
            catch (InvalidDataException)
            {
                // Damaged; the filter says so.
            }

            return length;
        }
    }
}
