/* The floor: nothing but an epoll loop and plain sockets. It reads a request's end, answers with the
   one accept value that belongs to the benchmark's one key, and sends one frame to all at an interval.
   Nothing below it can be written with sockets alone; what it takes, the machine takes.

   floor PORT SECONDS */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MOST = 65536, BYTES = 300 };

static const char ANSWER[] =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

static int clients[MOST], place_of[MOST], count;

static long long now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void drop(int fd)
{
    int place = place_of[fd];
    if (place >= 0) {
        clients[place] = clients[--count];
        place_of[clients[place]] = place;
        place_of[fd] = -1;
    }
    close(fd);
}

static void publish(int number)
{
    unsigned char frame[4 + BYTES];
    char *text = (char *)frame + 4;
    frame[0] = 0x81;
    frame[1] = 126;
    frame[2] = BYTES >> 8;
    frame[3] = BYTES & 255;
    memset(text, 'x', BYTES);
    int size = snprintf(text, BYTES, "{\"t\":\"bench\",\"seq\":%d,\"ns\":%lld,\"pad\":\"", number, now_ns());
    text[size] = 'x';
    memcpy(text + BYTES - 2, "\"}", 2);
    for (int i = count - 1; i >= 0; i--)
        if (send(clients[i], frame, sizeof frame, MSG_DONTWAIT | MSG_NOSIGNAL) != sizeof frame)
            drop(clients[i]); /* a client that does not keep up would have its stream cut in two */
}

static void hear(int fd)
{
    char data[4096];
    ssize_t size = recv(fd, data, sizeof data, MSG_DONTWAIT);
    if (size <= 0) {
        if (size == 0 || errno != EAGAIN)
            drop(fd);
    } else if (place_of[fd] < 0 && size >= 4 && !memcmp(data + size - 4, "\r\n\r\n", 4)) {
        send(fd, ANSWER, sizeof ANSWER - 1, MSG_DONTWAIT | MSG_NOSIGNAL);
        place_of[fd] = count;
        clients[count++] = fd;
    }
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    long long interval = (long long)(atof(argv[2]) * 1e9), next = now_ns() + interval;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[1]))};
    inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
    int door = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), loop = epoll_create1(0), on = 1, number = 0;
    setsockopt(door, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(door, (struct sockaddr *)&address, sizeof address) || listen(door, 4096)) {
        perror("floor");
        return 1;
    }
    struct epoll_event event = {.events = EPOLLIN, .data.fd = door}, events[1024];
    epoll_ctl(loop, EPOLL_CTL_ADD, door, &event);
    memset(place_of, -1, sizeof place_of);
    for (;;) {
        long long left = next - now_ns();
        int ready = epoll_wait(loop, events, 1024, left > 0 ? (int)(left / 1000000) + 1 : 0);
        for (int i = 0; i < ready; i++) {
            int fd = events[i].data.fd;
            if (fd != door) {
                hear(fd);
                continue;
            }
            while ((fd = accept4(door, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
                if (fd >= MOST) {
                    close(fd);
                    continue;
                }
                setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
                event.data.fd = fd;
                epoll_ctl(loop, EPOLL_CTL_ADD, fd, &event);
            }
        }
        if (now_ns() >= next) {
            publish(number++);
            next += interval;
        }
    }
}
