using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using Noos.Core;
using Noos.Kernel.Processes;
using Noos.Server.Files;
using Noos.Server.OpenAi;

namespace Noos.Server.Audio;

/// <summary>
/// A multipart body with one recording and some fields, in any order. The recording goes to the disk as it comes, and is gone with the
/// form.
/// </summary>
sealed class AudioForm : IDisposable
{
    const int MaxFieldLength = 1 << 14;

    // The fields beside the file.
    const int MaxOverhead = 1 << 18;
    const int MaxFields = 64;

    readonly string _folder = Directory.CreateTempSubdirectory("noos-audio-").FullName;
    readonly List<(string Name, string Value)> _fields = [];
    string? _path;

    AudioForm()
    {
    }

    /// <summary>Reads the body of a request.</summary>
    /// <param name="http">The request.</param>
    /// <param name="maxLength">Bytes of the recording.</param>
    /// <exception cref="ApiException">The body is no form, or has no recording.</exception>
    /// <exception cref="NoosException">The recording is too long (Refused).</exception>
    public static async Task<AudioForm> ReadAsync(HttpContext http, long maxLength)
    {
        if (!MediaTypeHeaderValue.TryParse(http.Request.ContentType, out var type)
            || !type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase))
        {
            throw ApiException.Invalid("file", "A recording comes as multipart/form-data, in the part \"file\".");
        }

        if (http.Request.ContentLength > maxLength + MaxOverhead)
        {
            throw new NoosException(
                ErrorKind.Refused, $"A recording may have {maxLength >> 20} MiB here (--max-file); send it in parts, or as Opus or MP3.");
        }

        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = maxLength + MaxOverhead;
        }

        var form = new AudioForm();
        try
        {
            await form.FillAsync(http, HeaderUtilities.RemoveQuotes(type.Boundary).Value ?? "", maxLength);
            return form._path is not null ? form : throw ApiException.Invalid("file", "The field \"file\" is missing.");
        }
        catch
        {
            form.Dispose();
            throw;
        }
    }

    /// <summary>The recording, from its beginning.</summary>
    public FileStream OpenRecording() => File.OpenRead(_path!);

    /// <summary>The last value of a field; null where it is not there or empty.</summary>
    public string? Find(string name) => _fields.FindLast(field => field.Name == name).Value is { Length: > 0 } value ? value : null;

    /// <summary>All values of a list, whose name clients write with and without brackets.</summary>
    public IReadOnlyList<string> List(string name) =>
        [.. _fields.Where(field => field.Name == name || field.Name == name + "[]").Select(field => field.Value)];

    /// <summary>Refuses fields that would be ignored otherwise.</summary>
    public void RefuseOthersThan(params ReadOnlySpan<string> known)
    {
        foreach (var (name, _) in _fields)
        {
            if (!known.Contains(name.EndsWith("[]", StringComparison.Ordinal) ? name[..^2] : name))
            {
                throw new ApiException(
                    StatusCodes.Status400BadRequest, $"The field \"{name}\" is not known here, so it would be ignored; leave it out.", name,
                    "unknown_parameter");
            }
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    async Task FillAsync(HttpContext http, string boundary, long maxLength)
    {
        try
        {
            var reader = new MultipartReader(boundary, http.Request.Body) { BodyLengthLimit = maxLength + 1 };
            while (await reader.ReadNextSectionAsync(http.RequestAborted) is { } section)
            {
                if (!ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var disposition))
                {
                    continue;
                }

                var name = HeaderUtilities.RemoveQuotes(disposition.Name).Value ?? "";
                if (!disposition.IsFileDisposition())
                {
                    _fields.Add((name, await ReadFieldAsync(section.Body, name, http.RequestAborted)));
                }
                else if (_path is null && name == "file")
                {
                    _path = (await GivenFiles.StoreAsync(_folder, "recording", section.Body, maxLength, http.RequestAborted)).Path;
                }
                else
                {
                    throw ApiException.Invalid(name, "The form must have one recording, in the field \"file\".");
                }

                if (_fields.Count > MaxFields)
                {
                    throw ApiException.Invalid("file", $"The form may have {MaxFields} fields.");
                }
            }
        }
        catch (Exception exception) when (BrokenForm.Is(exception, http))
        {
            throw BrokenForm.Explain(exception);
        }
    }

    static async Task<string> ReadFieldAsync(Stream body, string field, CancellationToken cancellationToken)
    {
        var buffer = new byte[MaxFieldLength + 1];
        var length = await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        return length <= MaxFieldLength
            ? Encoding.UTF8.GetString(buffer, 0, length)
            : throw ApiException.Invalid(field, $"The field \"{field}\" may have {MaxFieldLength} bytes.");
    }
}
