#!/usr/bin/env bash
# Makes the files of this folder anew, with ffmpeg, libwebp's tools, and flac. They are committed, since
# these programs are not wanted where the tests run.
set -euo pipefail
cd "$(dirname "$0")/Files"

rm -f -- *
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

make_file() { ffmpeg -hide_banner -loglevel error -nostdin -y "${@:1:$#-1}" -bitexact "${@: -1}"; }
picture=(-f lavfi -i "testsrc=size=20x12:rate=5" -frames:v 1)
film=(-f lavfi -i "testsrc=size=20x12:rate=5" -frames:v 3)
sound=(-f lavfi -i "sine=frequency=440:sample_rate=8000:duration=0.4")
full=(-f lavfi -i "sine=frequency=440:sample_rate=44100:duration=0.1")
comment=(-metadata "title=A sound" -metadata "comment=Ein Ton, 一个声音")

make_file "${picture[@]}" -pix_fmt rgb24 rgb.png
make_file "${picture[@]}" -pix_fmt pal8 palette.png
make_file "${picture[@]}" -pix_fmt gray16be gray.png
make_file "${film[@]}" -f apng -plays 0 animated.png
convert rgb.png -interlace PNG -strip interlaced.png

make_file "${picture[@]}" -pix_fmt yuvj420p -huffman optimal baseline.jpeg
convert rgb.png -strip -interlace JPEG -quality 70 progressive.jpeg
convert rgb.png -strip -colorspace Gray -define jpeg:restart-interval=1 gray.jpeg

make_file "${picture[@]}" still.gif
make_file "${film[@]}" animated.gif

cwebp -quiet -q 60 rgb.png -o lossy.webp
cwebp -quiet -lossless rgb.png -o lossless.webp
convert rgb.png -alpha set -channel A -evaluate set 50% "$work/alpha.png"
cwebp -quiet -q 60 "$work/alpha.png" -o alpha.webp
make_file "${film[@]}" -c:v libwebp_anim -loop 0 animated.webp

make_file "${picture[@]}" -pix_fmt bgr24 rgb.bmp
make_file "${picture[@]}" -pix_fmt bgra alpha.bmp
make_file "${picture[@]}" -pix_fmt pal8 palette.bmp
convert rgb.png -colors 16 -type Palette -compress RLE "BMP3:runs.bmp"
convert rgb.png -strip "BMP2:core.bmp"
convert "$work/alpha.png" -strip version5.bmp

make_file "${full[@]}" -c:a libmp3lame -b:a 64k "${comment[@]}" -write_id3v1 1 constant.mp3
make_file "${full[@]}" -c:a libmp3lame -q:a 6 "${comment[@]}" variable.mp3
make_file "${sound[@]}" -c:a libmp3lame -b:a 16k -id3v2_version 0 low.mp3
# Without a frame that tells how many there are.
make_file "${full[@]}" -c:a libmp3lame -b:a 64k -id3v2_version 0 -write_xing 0 bare.mp3

make_file "${sound[@]}" -t 0.1 -c:a pcm_s16le plain.wav
make_file "${sound[@]}" -t 0.1 -c:a pcm_s16le "${comment[@]}" list.wav
make_file "${sound[@]}" -t 0.1 -ac 6 -c:a pcm_s24le extensible.wav
make_file "${sound[@]}" -t 0.1 -c:a adpcm_ms adpcm.wav

make_file "${sound[@]}" -c:a libvorbis "${comment[@]}" vorbis.ogg
make_file "${sound[@]}" -c:a libspeex speex.ogg
make_file "${sound[@]}" -c:a flac -f ogg flac.ogg
make_file "${sound[@]}" -c:a libopus -b:a 12k "${comment[@]}" -f ogg opus.ogg
make_file "${sound[@]}" -c:a libopus -b:a 12k "${comment[@]}" -page_duration 60000 pages.opus
opusenc --quiet --bitrate 12 plain.wav tool.opus

make_file "${sound[@]}" -c:a flac "${comment[@]}" comment.flac
flac --silent --force --picture rgb.png --padding 64 --blocksize 576 plain.wav -o picture.flac

make_file "${sound[@]}" -c:a aac -b:a 16k "${comment[@]}" end.m4a
make_file "${sound[@]}" -c:a aac -b:a 16k -movflags +faststart start.m4a
make_file "${sound[@]}" -c:a alac alac.m4a
make_file "${sound[@]}" -c:a aac -b:a 16k -movflags +frag_keyframe+empty_moov -f mp4 fragments.m4a

# What may not be sent, under an ending that may.
make_file -f lavfi -i "testsrc=size=20x12:rate=5" "${sound[@]}" -c:v mpeg4 -c:a aac -b:a 16k -shortest \
  -f mp4 film.m4a
make_file "${film[@]}" -c:v libtheora -f ogg film.ogg
make_file "${sound[@]}" -c:a mp2 -b:a 32k -ar 44100 -f mp2 layer2.mp3
