"""Tiny films made by ffmpeg, and what ffmpeg decodes from them and from real films.

    python frames_golden.py --media media --out crates/microau-vision/tests/assets/frames

Needs `ffmpeg` and `ffprobe` with libx264 and libx265 on the PATH (made with 5.1.9-0+deb12u1 of Debian 12). Real films are
taken from --media, which scripts/fetch_media.sh fills; those that are absent are left as they are.

Writes
  NAME.EXT        tiny films of ffmpeg's own turning test picture `testsrc2`, one for each trap of a container or codec
  NAME.EXT.txt    for each film, tiny or real, what ffmpeg decodes:
                    # a comment with versions
                    md5 HEX       of all frames' planes one behind the other, as decoded (no rotation, no conversion)
                    rate NUM/DEN  the mean frame rate that ffprobe states
                    then a line for each frame: the first 8 hex digits of the md5 of its planes and, where it is not
                    index / rate rounded down, the microsecond at which it is shown since the first frame
  NAME.EXT.png    for some, the last frame as ffmpeg shows it (8-bit RGB, rotated), converted exactly and with each chroma
                  sample used for all the pixels it covers

Every frame is written once (-fps_mode passthrough), so nothing is dropped or doubled to hold a rate.
"""

import argparse
import hashlib
import json
import math
import subprocess
from fractions import Fraction
from pathlib import Path

FILMS = ["single_face.mp4", "WolfgangLanger_Pexels.mp4", "no_face.mp4", "franck.mp4", "cap13_edit2.mp4"]
X264 = ["-c:v", "libx264", "-crf", "36", "-g", "6", "-bf", "3"]

# Without these ffmpeg rounds coarsely at 8 bits and smooths chroma above.
EXACT = ["-sws_flags", "neighbor+accurate_rnd+full_chroma_int+bitexact"]


def source(size="64x48", rate=25, frames=12):
    return ["-f", "lavfi", "-i", f"testsrc2=size={size}:rate={rate},rotate=n*0.15", "-frames:v", str(frames)]


# name: (arguments of ffmpeg, whether the golden has a picture)
CLIPS = {
    # B-frames: decoded in another order than shown, first shown frame not at tick 0 of the track
    "plain.mp4": (source() + X264 + ["-pix_fmt", "yuv420p"], True),
    # size that is no multiple of 16: cropped
    "cropped.mp4": (source("50x38") + X264 + ["-pix_fmt", "yuv420p"], False),
    # BT.709 in full range, both said in the stream
    "full709.mp4": (
        source()
        + ["-vf", "scale=out_color_matrix=bt709:out_range=full,format=yuv420p"]
        + X264
        + ["-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709", "-color_range", "pc"],
        True,
    ),
    # frames at 0, 11, 24, 39 ... ms
    "vfr.mp4": (
        source()
        + ["-vf", "settb=1/1000,setpts=N*N+10*N", "-fps_mode", "passthrough", "-enc_time_base", "1:1000"]
        + ["-video_track_timescale", "1000"]
        + X264
        + ["-pix_fmt", "yuv420p"],
        False,
    ),
    # index in pieces, for streaming
    "fragmented.mp4": (source() + X264 + ["-pix_fmt", "yuv420p", "-movflags", "frag_keyframe+empty_moov"], False),
    # QuickTime with sound beside the picture
    "sound.mov": (
        ["-f", "lavfi", "-i", "sine=duration=0.48"] + source() + X264 + ["-pix_fmt", "yuv420p", "-c:a", "pcm_s16le", "-ar", "8000"],
        False,
    ),
    "ten_bit.mp4": (source() + X264 + ["-pix_fmt", "yuv420p10le"], True),
    "wide_chroma.mp4": (source() + X264 + ["-pix_fmt", "yuv422p"], True),
    "interlaced.mp4": (source() + X264 + ["-pix_fmt", "yuv420p", "-flags", "+ildct+ilme", "-x264opts", "tff=1"], False),
    # nothing built in decodes these
    "h444.mp4": (source(frames=3) + X264 + ["-pix_fmt", "yuv444p"], False),
    "hevc.mp4": (source(frames=3) + ["-c:v", "libx265", "-x265-params", "log-level=error", "-pix_fmt", "yuv420p"], False),
    "xvid.avi": (source(frames=3) + ["-c:v", "mpeg4", "-vtag", "XVID", "-q:v", "20"], False),
    "vfr.mkv": (source(frames=4) + ["-vf", "settb=1/1000,setpts=N*N+10*N", "-fps_mode", "passthrough", "-enc_time_base", "1:1000", "-c:v", "ffv1", "-pix_fmt", "yuv420p"], True),
    # built in
    "mjpeg.avi": (source("40x32", "30000/1001", 4) + ["-c:v", "mjpeg", "-q:v", "3", "-pix_fmt", "yuvj444p"], True),
    "bgr24.avi": (source("22x14", 200, 2) + ["-c:v", "rawvideo", "-pix_fmt", "bgr24"], True),
    "uyvy.avi": (source("22x14", 200, 2) + ["-c:v", "rawvideo", "-pix_fmt", "uyvy422"], True),
    "i420.avi": (source("22x14", 200, 2) + ["-c:v", "rawvideo", "-pix_fmt", "yuv420p"], True),
}


def run(*command):
    return subprocess.run(command, check=True, capture_output=True).stdout


def ffmpeg(*arguments):
    return run("ffmpeg", "-v", "error", "-y", "-bitexact", *arguments)


def make_clips(out):
    for name, (arguments, _) in CLIPS.items():
        ffmpeg(*arguments, "-fflags", "+bitexact", "-flags:v", "+bitexact", str(out / name))
    # Cut without decoding between two key frames: the edit list hides frames that others refer to.
    ffmpeg("-ss", "0.32", "-i", str(out / "plain.mp4"), "-c", "copy", str(out / "cut.mp4"))
    # A quarter turn in the track header, as phones write it.
    ffmpeg("-i", str(out / "plain.mp4"), "-c", "copy", "-metadata:s:v:0", "rotate=90", str(out / "rotated.mp4"))


def golden(film, picture):
    probe = json.loads(
        run("ffprobe", "-v", "error", "-select_streams", "v:0", "-show_entries", "stream=avg_frame_rate,pix_fmt,width,height", "-of", "json", str(film))
    )["streams"][0]
    decode = ["-noautorotate", "-i", str(film), "-map", "0:v:0", "-fps_mode", "passthrough", "-enc_time_base", "-1"]
    decode += ["-pix_fmt", probe["pix_fmt"]]
    lines = ffmpeg(*decode, "-f", "framemd5", "-").decode().splitlines()
    clock = next(Fraction(line.split()[2]) for line in lines if line.startswith("#tb"))
    frames = [[field.strip() for field in line.split(",")] for line in lines if not line.startswith("#")]
    first = int(frames[0][2])
    version = run("ffmpeg", "-version").decode().split()[2]
    text = [
        f"# {film.name} (sha256 {hashlib.sha256(film.read_bytes()).hexdigest()[:16]}) by ffmpeg {version}, reference/frames_golden.py",
        "md5 " + ffmpeg(*decode, "-f", "rawvideo", "-c:v", "rawvideo", "-f", "md5", "-").decode().strip().split("=")[1],
        f"rate {probe['avg_frame_rate']}",
    ]
    rate = Fraction(probe["avg_frame_rate"])
    for index, frame in enumerate(frames):
        micros = math.floor((int(frame[2]) - first) * clock * 1_000_000)
        text.append(frame[5][:8] + (f" {micros}" if micros != math.floor(index * 1_000_000 / rate) else ""))
    if picture is not None:
        last = len(frames) - 1
        ffmpeg("-i", str(film), "-vf", f"select=eq(n\\,{last})", "-fps_mode", "passthrough", "-frames:v", "1", *EXACT, "-pix_fmt", "rgb24", str(picture))
    return "\n".join(text) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--media", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    make_clips(options.out)
    for name, (_, has_picture) in (CLIPS | {"cut.mp4": ([], False), "rotated.mp4": ([], True)}).items():
        film = options.out / name
        picture = options.out / f"{name}.png" if has_picture else None
        (options.out / f"{name}.txt").write_text(golden(film, picture))
    for film in (options.media / name for name in FILMS):
        if film.exists():
            (options.out / f"{film.name}.txt").write_text(golden(film, None))


if __name__ == "__main__":
    main()
