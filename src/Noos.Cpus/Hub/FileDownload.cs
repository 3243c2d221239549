using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using Noos.Core;
using Noos.Core.Storage;
using Noos.Core.Text;
using Noos.Cpus.Library;

namespace Noos.Cpus.Hub;

/// <summary>
/// Downloads one file. Until it is whole and checked it is <c>FILE.part</c>, with <c>FILE.part.json</c> beside it; another attempt, after a
/// kill too, goes on where the last one stopped.
/// </summary>
sealed class FileDownload : IDisposable
{
    const int BufferSize = 1 << 18;
    const string Again = "try again and it goes on where it stopped";

    readonly HubConnection _connection;
    readonly HubOptions _options;
    readonly TimeProvider _time;
    readonly HubFile _file;
    readonly string? _repository;
    readonly string _target;
    readonly Action<long, string?> _progress;
    readonly FileStream _part;
    readonly byte[] _buffer = new byte[BufferSize];
    readonly Retries _retries;

    IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    DownloadState _state;
    long _furthest;

    /// <param name="connection">Asks for the bytes.</param>
    /// <param name="options">How patiently.</param>
    /// <param name="time">Measures that patience.</param>
    /// <param name="file">What to download.</param>
    /// <param name="repository">For messages: "OWNER/REPO", or null for a file anywhere.</param>
    /// <param name="target">The path of the complete file.</param>
    /// <param name="progress">Hears the bytes that are here and what else goes on.</param>
    /// <exception cref="NoosException">
    /// The file cannot be written, or (<see cref="ErrorKind.Busy"/>) another process downloads it.
    /// </exception>
    public FileDownload(
        HubConnection connection, HubOptions options, TimeProvider time, HubFile file, string? repository, string target,
        Action<long, string?> progress)
    {
        (_connection, _options, _time, _file, _repository) = (connection, options, time, file, repository);
        (_target, _progress) = (target, progress);
        _state = new DownloadState(file.Address.ToString(), file.Sha256, null);
        _part = OpenPart(target);
        _retries = new Retries(options, time, note => progress(_part.Length, note));
    }

    /// <exception cref="NoosException">It failed for good; the message says what to do.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await BeginAsync(cancellationToken);
        await _retries.RunAsync(() => ReceiveAsync(cancellationToken), Again, cancellationToken);
        await CheckAsync(cancellationToken);
        OnDisk(() =>
        {
            // On the disk before the rename: after a power cut the whole name must not stand for half a file.
            _part.Flush(flushToDisk: true);
            _part.Dispose();
            File.Move(_target + PartialFile.Ending, _target, overwrite: true);
            File.Delete(_target + PartialFile.StateEnding);
            AtomicFile.FlushDirectory(Path.GetDirectoryName(_target)!);
        });
    }

    public void Dispose()
    {
        _part.Dispose();
        _hash.Dispose();
    }

    static FileStream OpenPart(string target)
    {
        var path = target + PartialFile.Ending;
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);

            // Held alone for as long as the download runs: that is what keeps a second process from writing into the same bytes.
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        }
        catch (IOException e) when (e is not (DirectoryNotFoundException or PathTooLongException) && File.Exists(path))
        {
            throw new NoosException(
                ErrorKind.Busy, $"'{path}' is in use, so another noos downloads this model already; wait for it, or stop it and try again.",
                e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw AtomicFile.Failure(path, e);
        }
    }

    /// <summary>Takes over what an earlier attempt left, if it is of this file.</summary>
    async Task BeginAsync(CancellationToken cancellationToken)
    {
        if (_part.Length > 0
            && DownloadState.Read(_target + PartialFile.StateEnding) is { } state
            && state.IsOf(_file)
            && (_file.Size is null || _part.Length <= _file.Size))
        {
            // The checksum is of the whole file, so what is here has to be read once more.
            _state = state;
            await HashPartAsync(cancellationToken);
            return;
        }

        Restart();
        _state.Write(_target + PartialFile.StateEnding);
    }

    async Task HashPartAsync(CancellationToken cancellationToken)
    {
        _part.Position = 0;
        for (var done = 0L; await _part.ReadAsync(_buffer, cancellationToken) is > 0 and var read; done += read)
        {
            _hash.AppendData(_buffer, 0, read);
            _progress(done + read, "checking what is here");
        }
    }

    void Restart()
    {
        OnDisk(() => _part.SetLength(0));
        _part.Position = 0;
        _hash.Dispose();
        _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    }

    /// <summary>One connection; true when the file is whole.</summary>
    async Task<bool> ReceiveAsync(CancellationToken cancellationToken)
    {
        if (_part.Length > 0 && _part.Length == _file.Size)
        {
            return true;
        }

        if (_part.Length > 0 && _file.Sha256 is null && _state.Tag is null)
        {
            // Nothing tells whether the rest would be of the same file.
            Restart();
        }

        using var response = await _connection.GetAsync(
            _file.Address, _part.Length, _file.Sha256 is null ? _state.Tag : null, cancellationToken);
        Accept(response);
        var total = _file.Size ?? response.Content.Headers.ContentRange?.Length ?? response.Content.Headers.ContentLength + _part.Length;
        await CopyAsync(response, total, cancellationToken);
        return total is null || _part.Length == total ? true : throw Cut(null);
    }

    /// <summary>Sets the file to where the bytes of the answer belong.</summary>
    void Accept(HttpResponseMessage response)
    {
        var tag = response.Headers.ETag is { IsWeak: false } strong ? strong.Tag : null;
        switch (response.StatusCode)
        {
            case HttpStatusCode.PartialContent when IsWhatWasAsked(response.Content.Headers.ContentRange)
                && (_file.Sha256 is not null || tag is null || tag == _state.Tag):
                return;
            case HttpStatusCode.PartialContent or HttpStatusCode.RequestedRangeNotSatisfiable:
                // What is here is no beginning of what is there.
                Restart();
                throw new TransientException($"the server {_file.Address.Authority} has other bytes than those that came before");
            case HttpStatusCode.OK when response.Content.Headers.ContentType?.MediaType == "text/html":
                // A page that asks to log in or to agree to something comes with a 200.
                throw new NoosException($"{_file.Address} is a web page and no model; check the address.");
            case HttpStatusCode.OK:
                // All bytes, whatever was asked for: this server knows no ranges, or the file has changed.
                Restart();
                _state = _state with { Tag = tag };
                _state.Write(_target + PartialFile.StateEnding);
                return;
            default:
                var what = _repository is null ? _file.Address.ToString() : $"file '{_file.Path}'";
                throw HubRefusal.Explain(response, _options, _repository, what);
        }
    }

    bool IsWhatWasAsked(ContentRangeHeaderValue? range) =>
        range?.From == _part.Length && (_file.Size is null || range.Length is null || range.Length == _file.Size);

    async Task CopyAsync(HttpResponseMessage response, long? total, CancellationToken cancellationToken)
    {
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        _part.Position = _part.Length;
        while (await ReadAsync(body, cancellationToken) is > 0 and var read)
        {
            if (total is { } length && _part.Position + read > length)
            {
                Restart();
                throw new NoosException(
                    ErrorKind.Damaged,
                    $"{_file.Address.Authority} sends more of '{_file.Path}' than the {ByteSize.Format(length)} that it has; try later "
                    + "or another mirror with --endpoint.");
            }

            OnDisk(() => _part.Write(_buffer, 0, read));
            _hash.AppendData(_buffer, 0, read);
            if (_part.Position > _furthest)
            {
                // Bytes that came before already are no progress: a server that always cuts at the same place shall not be asked forever.
                _furthest = _part.Position;
                _retries.Progressed();
            }

            _progress(_part.Position, null);
        }
    }

    async Task<int> ReadAsync(Stream body, CancellationToken cancellationToken)
    {
        // Not the whole download but each read has a limit: a slow network is no reason to give up, a silent one is.
        using var silence = new CancellationTokenSource(_options.Stall, _time);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, silence.Token);
        try
        {
            return await body.ReadAsync(_buffer, patience.Token);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw Cut(e);
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            throw Cut(e);
        }
    }

    TransientException Cut(Exception? reason) =>
        new($"the connection to {_file.Address.Authority} was cut at {ByteSize.Format(_part.Length)}", reason);

    async Task CheckAsync(CancellationToken cancellationToken)
    {
        var start = new byte[ModelContent.Length];
        _part.Position = 0;
        var read = await _part.ReadAtLeastAsync(start, start.Length, throwOnEndOfStream: false, cancellationToken);
        var isModel = ModelContent.IsAsNamed(_file.Path, start.AsSpan(0, read));
        if (_file.Sha256 is { } expected && !Convert.ToHexStringLower(_hash.GetHashAndReset()).Equals(expected, StringComparison.Ordinal))
        {
            Discard();
            throw new NoosException(
                ErrorKind.Damaged,
                $"'{_file.Path}' did not arrive as the hub has it (its SHA-256 checksum is wrong) and was deleted; pull it again, from "
                + "another mirror with --endpoint if it stays so.");
        }

        if (!isModel)
        {
            Discard();
            throw new NoosException(
                ErrorKind.Damaged, $"{_file.Address} is no {ModelContent.KindOf(_file.Path)}, so it was deleted; check the address.");
        }
    }

    void Discard() => OnDisk(() =>
    {
        _part.Dispose();
        File.Delete(_target + PartialFile.Ending);
        File.Delete(_target + PartialFile.StateEnding);
    });

    void OnDisk(Action work)
    {
        try
        {
            work();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw AtomicFile.Failure(_target, e);
        }
    }
}
