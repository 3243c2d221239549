using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.CompilerServices;
using Noos.Core;
using Noos.Corpus.Addresses;
using Noos.Corpus.Archive;
using Parquet;
using Parquet.Schema;

namespace Noos.Corpus.CommonCrawl;

/// <summary>
/// The columnar index of a crawl (commoncrawl/cc-index-table: Parquet files, sorted by the keys of addresses): selects captures by host,
/// language, status and media type. Of a file only its footer and the columns that are needed are fetched, over ranges; groups of rows
/// whose keys cannot fit are passed over. In memory are the columns of one group of rows. Thread-safe.
/// </summary>
/// <param name="client">Fetches.</param>
public sealed class ColumnarIndex(CommonCrawlClient client)
{
    const string Pages = "/subset=warc/";
    const int TailBytes = 8;
    const int MaxFooterBytes = 64 << 20;
    const int MaxColumnBytes = 1 << 30;
    const int MaxGroupRows = 1 << 24;

    static ReadOnlySpan<byte> Magic => "PAR1"u8;

    /// <summary>The files of the index that have pages, in their order.</summary>
    /// <param name="crawl">Such as <c>CC-MAIN-2026-30</c>.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="NoosException">There is no such crawl (NotFound), or it cannot be reached.</exception>
    public async Task<IReadOnlyList<string>> ReadPathsAsync(string crawl, CancellationToken cancellationToken) =>
        [.. (await client.ReadListAsync($"crawl-data/{crawl}/cc-index-table.paths.gz", cancellationToken))
            .Where(path => path.Contains(Pages, StringComparison.Ordinal))];

    /// <summary>The captures in one file that a filter takes, in the order of the file.</summary>
    /// <param name="path">As in the list of paths.</param>
    /// <param name="filter">What is wanted.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="NoosException">
    /// The file is not there, cannot be reached, or is no index (<see cref="ErrorKind.Damaged"/>).
    /// </exception>
    public async IAsyncEnumerable<CdxjEntry> FindAsync(
        string path, CaptureFilter filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(filter);
        filter.Validate();
        await using var stream = new RangeStream(
            await client.ReadLengthAsync(path, cancellationToken),
            (offset, count, token) => client.ReadRangeAsync(path, offset, count, token));
        await using var reader = await GuardAsync(path, () => OpenAsync(stream, cancellationToken));
        for (var group = 0; group < reader.RowGroupCount; group++)
        {
            var number = group;
            foreach (var entry in await GuardAsync(path, () => ReadGroupAsync(reader, number, stream, filter, cancellationToken)))
            {
                yield return entry;
            }
        }
    }

    /// <summary>Fetches the footer alone: its length stands in the last eight bytes.</summary>
    static async Task<ParquetReader> OpenAsync(RangeStream stream, CancellationToken cancellationToken)
    {
        var tail = new byte[TailBytes];
        stream.Seek(-TailBytes, SeekOrigin.End);
        await stream.ReadExactlyAsync(tail, cancellationToken);
        var footer = BinaryPrimitives.ReadInt32LittleEndian(tail);
        if (!tail.AsSpan(4).SequenceEqual(Magic) || footer is <= 0 or > MaxFooterBytes || footer > stream.Length - (2 * TailBytes))
        {
            throw new InvalidDataException("It is no Parquet file.");
        }

        await stream.LoadAsync(stream.Length - TailBytes - footer, footer + TailBytes, cancellationToken);
        return await ParquetReader.CreateAsync(stream, leaveStreamOpen: true, cancellationToken: cancellationToken);
    }

    static async Task<IReadOnlyList<CdxjEntry>> ReadGroupAsync(
        ParquetReader reader, int number, RangeStream stream, CaptureFilter filter, CancellationToken cancellationToken)
    {
        using var rows = reader.OpenRowGroupReader(number);
        if (rows.RowCount is < 0 or > MaxGroupRows)
        {
            throw new InvalidDataException("A group has too many rows.");
        }

        var columns = new GroupColumns(reader, rows, stream);
        if (!CanHold(rows, columns.Field("url_surtkey"), filter.KeyPrefix))
        {
            return [];
        }

        // From what is smallest to read to what is largest; a group where nothing is left is done.
        var taken = Enumerable.Range(0, (int)rows.RowCount).ToArray();
        if (filter.Statuses.Count > 0 && taken.Length > 0)
        {
            var statuses = await columns.ReadIntegersAsync("fetch_status", cancellationToken);
            taken = Array.FindAll(taken, row => filter.TakesStatus(statuses[row]));
        }

        if (filter.Languages.Count > 0 && taken.Length > 0)
        {
            var languages = await columns.ReadTextsAsync("content_languages", cancellationToken);
            taken = Array.FindAll(taken, row => filter.TakesLanguages(languages[row]));
        }

        if (filter.MediaTypes.Count > 0 && taken.Length > 0)
        {
            var types = await columns.ReadTextsAsync("content_mime_detected", cancellationToken);
            taken = Array.FindAll(taken, row => filter.TakesMediaType(types[row]));
        }

        if (filter.Host is not null && taken.Length > 0)
        {
            var hosts = await columns.ReadTextsAsync("url_host_name", cancellationToken);
            taken = Array.FindAll(taken, row => filter.TakesHost(hosts[row]));
        }

        return taken.Length == 0 ? [] : await ReadEntriesAsync(columns, taken, cancellationToken);
    }

    static async Task<IReadOnlyList<CdxjEntry>> ReadEntriesAsync(GroupColumns columns, int[] taken, CancellationToken cancellationToken)
    {
        var urls = await columns.ReadTextsAsync("url", cancellationToken);
        var files = await columns.ReadTextsAsync("warc_filename", cancellationToken);
        var offsets = await columns.ReadIntegersAsync("warc_record_offset", cancellationToken);
        var lengths = await columns.ReadIntegersAsync("warc_record_length", cancellationToken);
        var statuses = await columns.ReadIntegersAsync("fetch_status", cancellationToken);
        var types = await columns.ReadTextsAsync("content_mime_detected", cancellationToken);
        var digests = await columns.ReadTextsAsync("content_digest", cancellationToken);
        var times = await columns.ReadTimesAsync("fetch_time", cancellationToken);
        var entries = new List<CdxjEntry>(taken.Length);
        foreach (var row in taken)
        {
            if (urls[row] is not { } url || files[row] is not { } file)
            {
                throw new InvalidDataException("A capture has no address or no file.");
            }

            entries.Add(new CdxjEntry(
                SurtKey.From(url), times[row]?.ToString("yyyyMMddHHmmss", CultureInfo.InvariantCulture) ?? "00000000000000", url)
            {
                Mime = types[row],
                Status = statuses[row]?.ToString(CultureInfo.InvariantCulture),
                Digest = digests[row],
                FileName = file,
                Offset = offsets[row] ?? -1,
                Length = lengths[row] ?? -1,
            });
        }

        return entries;
    }

    /// <summary>Whether keys with a prefix lie between the least and the greatest of a group; yes where these are not known.</summary>
    static bool CanHold(ParquetRowGroupReader rows, DataField field, string prefix)
    {
        if (prefix.Length == 0 || rows.GetStatistics(field) is not { MinValue: string least, MaxValue: string greatest })
        {
            return true;
        }

        return string.CompareOrdinal(greatest, prefix) >= 0
            && (string.CompareOrdinal(least, prefix) <= 0 || least.StartsWith(prefix, StringComparison.Ordinal));
    }

    /// <summary>What comes from elsewhere may be anything, and the library says it in many ways.</summary>
    static async Task<T> GuardAsync<T>(string path, Func<Task<T>> read)
    {
        try
        {
            return await read();
        }
        catch (Exception e) when (e is not (NoosException or OperationCanceledException))
        {
            throw new NoosException(ErrorKind.Damaged, $"'{path}' is no index of captures in Parquet that can be read.", e);
        }
    }

    /// <summary>Reads columns of a group of rows, each fetched by one range.</summary>
    sealed class GroupColumns(ParquetReader reader, ParquetRowGroupReader rows, RangeStream stream)
    {
        public DataField Field(string name) => Array.Find(reader.Schema.GetDataFields(), field => field.Name == name)
            ?? throw new InvalidDataException($"There is no column {name}.");

        public async Task<string?[]> ReadTextsAsync(string name, CancellationToken cancellationToken)
        {
            var values = new string?[rows.RowCount];
            await rows.ReadAsync(await LoadAsync(name, cancellationToken), values!, null, cancellationToken);
            return values;
        }

        public async Task<long?[]> ReadIntegersAsync(string name, CancellationToken cancellationToken)
        {
            var field = await LoadAsync(name, cancellationToken);
            return Type.GetTypeCode(field.ClrType) switch
            {
                TypeCode.Int16 => Widen(await ReadAsync<short>(field, cancellationToken), value => value),
                TypeCode.Int32 => Widen(await ReadAsync<int>(field, cancellationToken), value => value),
                TypeCode.Int64 => await ReadAsync<long>(field, cancellationToken),
                _ => throw new InvalidDataException($"The column {name} has no whole numbers."),
            };
        }

        public async Task<DateTime?[]> ReadTimesAsync(string name, CancellationToken cancellationToken) =>
            await ReadAsync<DateTime>(await LoadAsync(name, cancellationToken), cancellationToken);

        async Task<T?[]> ReadAsync<T>(DataField field, CancellationToken cancellationToken)
            where T : struct
        {
            var values = new T?[rows.RowCount];
            if (field.IsNullable)
            {
                await rows.ReadAsync<T>(field, values.AsMemory(), null, cancellationToken);
                return values;
            }

            var present = new T[rows.RowCount];
            await rows.ReadAsync<T>(field, present.AsMemory(), null, cancellationToken);
            return Array.ConvertAll(present, value => (T?)value);
        }

        static long?[] Widen<T>(T?[] values, Func<T, long> widen)
            where T : struct => Array.ConvertAll(values, value => value is { } number ? widen(number) : (long?)null);

        async Task<DataField> LoadAsync(string name, CancellationToken cancellationToken)
        {
            var field = Field(name);
            var chunk = rows.GetMetadata(field)?.MetaData ?? throw new InvalidDataException($"The column {name} has no place.");
            var start = chunk.DictionaryPageOffset is > 0 and var dictionary && dictionary < chunk.DataPageOffset
                ? dictionary
                : chunk.DataPageOffset;
            if (start < 0 || chunk.TotalCompressedSize is <= 0 or > MaxColumnBytes || start + chunk.TotalCompressedSize > stream.Length)
            {
                throw new InvalidDataException($"The column {name} lies outside the file.");
            }

            await stream.LoadAsync(start, (int)chunk.TotalCompressedSize, cancellationToken);
            return field;
        }
    }
}
