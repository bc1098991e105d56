// A client of Go's crypto/tls for the interoperation tests. It makes connections one after another with one session
// cache, sends an HTTP request on each, and prints one line of facts for each.
package main

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"time"
)

type options struct {
	address     string
	connections int
	bodySize    int
	wanted      string
}

func main() {
	var o options
	var name, roots, version, suites, groups, alpn string
	flag.StringVar(&o.address, "address", "", "HOST:PORT to connect to")
	flag.StringVar(&name, "name", "localhost", "host name to ask for and to verify")
	flag.StringVar(&roots, "roots", "", "PEM file of trusted roots")
	flag.StringVar(&version, "version", "", "1.0 to 1.3; empty: whatever Go likes")
	flag.StringVar(&suites, "suites", "", "numbers of TLS 1.2 suites in hexadecimal, with commas")
	flag.StringVar(&groups, "groups", "", "x25519, secp256r1, secp384r1, secp521r1, with commas")
	flag.StringVar(&alpn, "alpn", "", "protocols to offer, with commas")
	flag.IntVar(&o.connections, "connections", 1, "how many, one after another")
	flag.IntVar(&o.bodySize, "body", 0, "bytes of body to send")
	flag.StringVar(&o.wanted, "wanted", "", "text that each answer must contain")
	flag.Parse()

	config, err := configure(name, roots, version, suites, groups, alpn)
	for i := 0; err == nil && i < o.connections; i++ {
		err = connect(o, config)
	}
	if err != nil {
		fmt.Println("error:", err)
		os.Exit(1)
	}
}

func configure(name, roots, version, suites, groups, alpn string) (*tls.Config, error) {
	pem, err := os.ReadFile(roots)
	if err != nil {
		return nil, err
	}
	config := &tls.Config{
		ServerName: name, RootCAs: x509.NewCertPool(), ClientSessionCache: tls.NewLRUClientSessionCache(8),
	}
	if !config.RootCAs.AppendCertsFromPEM(pem) {
		return nil, errors.New("no certificate in " + roots)
	}
	if version != "" {
		number, known := map[string]uint16{
			"1.0": tls.VersionTLS10, "1.1": tls.VersionTLS11, "1.2": tls.VersionTLS12, "1.3": tls.VersionTLS13,
		}[version]
		if !known {
			return nil, errors.New("unknown version " + version)
		}
		config.MinVersion, config.MaxVersion = number, number
	}
	for _, text := range words(suites) {
		number, err := strconv.ParseUint(text, 16, 16)
		if err != nil {
			return nil, err
		}
		config.CipherSuites = append(config.CipherSuites, uint16(number))
	}
	for _, text := range words(groups) {
		group, known := map[string]tls.CurveID{
			"x25519": tls.X25519, "secp256r1": tls.CurveP256, "secp384r1": tls.CurveP384, "secp521r1": tls.CurveP521,
		}[text]
		if !known {
			return nil, errors.New("unknown group " + text)
		}
		config.CurvePreferences = append(config.CurvePreferences, group)
	}
	config.NextProtos = words(alpn)
	return config, nil
}

func words(list string) []string {
	if list == "" {
		return nil
	}
	return strings.Split(list, ",")
}

func connect(o options, config *tls.Config) error {
	dialer := &net.Dialer{Timeout: 20 * time.Second}
	connection, err := tls.DialWithDialer(dialer, "tcp", o.address, config)
	if err != nil {
		return err
	}
	defer connection.Close()
	if err := connection.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		return err
	}
	body := strings.Repeat("b", o.bodySize)
	request := "POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: " +
		strconv.Itoa(len(body)) + "\r\n\r\n" + body
	if _, err := io.WriteString(connection, request); err != nil {
		return err
	}
	// Reading to the end of the stream takes in the tickets of TLS 1.3, and demands a close_notify.
	answer, err := io.ReadAll(connection)
	if err != nil {
		return err
	}
	if !strings.Contains(string(answer), o.wanted) {
		return fmt.Errorf("the answer lacks %q: %q", o.wanted, answer)
	}
	state := connection.ConnectionState()
	fmt.Printf("version=%04X suite=%04X resumed=%t alpn=%q leaf=%q verified=%d\n", state.Version, state.CipherSuite,
		state.DidResume, state.NegotiatedProtocol, state.PeerCertificates[0].Subject.CommonName, len(state.VerifiedChains))
	return nil
}
